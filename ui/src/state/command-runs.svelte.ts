// The commands sent from this tab, and how far each has come: sending, accepted, visible; or refused, or unknown.
// A page shows the run of the aggregate it is about, so the three steps survive the way from a form to the page of its result.
import type { QueryClient } from '@tanstack/svelte-query';
import { SvelteMap } from 'svelte/reactivity';
import { problemView, type ProblemView } from '../models/problem.ts';
import { formatPosition } from '../models/position.ts';
import type { Command } from '../services/commands.ts';
import { RequestFailed } from '../services/http.ts';
import { actionFor, type UserAction } from '../services/idempotency.ts';
import { awaitVisible, sendCommand } from '../services/run-command.ts';

export type RunPhase = 'sending' | 'accepted' | 'visible' | 'not-visible' | 'failed';

export interface CommandRun {
  readonly command: Command;
  readonly phase: RunPhase;
  readonly retries: number;
  readonly replayed: boolean;
  readonly acceptedMs: number | undefined;
  readonly position: string | undefined;
  readonly events: readonly string[];
  readonly visibleMs: number | undefined;
  readonly problem: ProblemView | undefined;
}

const maxRuns = 50;
const runs = new SvelteMap<string, CommandRun>();
let latest = $state.raw<CommandRun | undefined>(undefined);
const pendingActions = new SvelteMap<string, UserAction>();

const keyOf = (target: Command['target']): string => `${target.kind}/${target.id}`;

function record(run: CommandRun): void {
  runs.set(keyOf(run.command.target), run);
  const [oldest] = runs.keys();
  if (runs.size > maxRuns && oldest !== undefined) runs.delete(oldest);
  latest = run;
}

export const commandRuns = {
  /** The newest run about this aggregate in this tab. */
  of(kind: 'order' | 'stock', id: string): CommandRun | undefined {
    return runs.get(`${kind}/${id}`);
  },
  get latest(): CommandRun | undefined {
    return latest;
  },
  dismiss(kind: 'order' | 'stock', id: string): void {
    runs.delete(`${kind}/${id}`);
  },
};

async function follow(run: CommandRun, token: string, startedAt: number, client: QueryClient): Promise<void> {
  const { target } = run.command;
  const itemKey = [target.kind, target.id];
  try {
    const document = await awaitVisible(target, token);
    if (document === undefined) {
      record({ ...run, phase: 'not-visible' });
      return;
    }
    record({ ...run, phase: 'visible', visibleMs: performance.now() - startedAt });
    client.setQueryData(itemKey, document);
    await client.invalidateQueries({ queryKey: [target.kind === 'order' ? 'orders' : 'stock-items'] });
  } catch (error) {
    record({ ...run, phase: 'not-visible', problem: problemView(error) });
  }
}

/**
 * Sends a command as one user action and follows it until it is visible. Wherever it is tried again from, the same command to the
 * same aggregate keeps its Idempotency-Key while its outcome is unknown.
 *
 * @returns the run once it is accepted (its visibility is followed in the background), or once it has failed
 */
export async function runCommand(command: Command, client: QueryClient): Promise<CommandRun> {
  const slot = `${keyOf(command.target)}/${command.type}`;
  const action = actionFor(command, pendingActions.get(slot));
  pendingActions.set(slot, action);
  const startedAt = performance.now();
  let run: CommandRun = {
    command,
    phase: 'sending',
    retries: 0,
    replayed: false,
    acceptedMs: undefined,
    position: undefined,
    events: [],
    visibleMs: undefined,
    problem: undefined,
  };
  record(run);
  try {
    const accepted = await sendCommand(command, action.key, undefined, (retries) => {
      run = { ...run, retries };
      record(run);
    });
    pendingActions.delete(slot);
    const { position, events, token } = accepted.answer;
    run = {
      ...run,
      phase: 'accepted',
      replayed: accepted.replayed,
      acceptedMs: accepted.acceptedMs,
      position: position ? formatPosition(position) : undefined,
      events: events.map(({ type }) => type),
    };
    record(run);
    void follow(run, token, startedAt, client);
  } catch (error) {
    if (!(error instanceof RequestFailed && error.isUncertain)) pendingActions.delete(slot);
    run = { ...run, phase: 'failed', problem: problemView(error) };
    record(run);
  }
  return run;
}
