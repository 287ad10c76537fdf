// What this service measures, for Prometheus. Every name begins with `comptoir_reactor_`; durations are in seconds.
import { Counter, Gauge, Histogram, type Registry } from '@comptoir/service';
import type { CommandObserver } from './command-client.ts';
import type { OutboxObserver } from './notifications/outbox.ts';
import type { RunnerObserver } from './runner.ts';

/** The observers that feed the metrics. */
export interface ReactorMetrics {
  runner(reactor: string): RunnerObserver;
  commands(reactor: string): CommandObserver;
  readonly outbox: OutboxObserver;
}

/** Registers the metrics of reactors. */
export function createReactorMetrics(registry: Registry): ReactorMetrics {
  const registers = [registry];
  const events = new Counter({
    name: 'comptoir_reactor_events_total',
    help: 'Events read.',
    labelNames: ['reactor'] as const,
    registers,
  });
  const reactions = new Counter({
    name: 'comptoir_reactor_reactions_total',
    help: 'Events that were reacted to.',
    labelNames: ['reactor'] as const,
    registers,
  });
  const lag = new Gauge({
    name: 'comptoir_reactor_lag_events',
    help: 'Offsets between the checkpoint and the end of the partition, as of the last batch.',
    labelNames: ['reactor', 'partition'] as const,
    registers,
  });
  const commands = new Counter({
    name: 'comptoir_reactor_commands_total',
    help: 'Answers to commands. Outcomes refused and malformed are given up, and are errors to look into.',
    labelNames: ['reactor', 'command', 'outcome', 'code'] as const,
    registers,
  });
  const retries = new Counter({
    name: 'comptoir_reactor_command_retries_total',
    help: 'Requests that were asked again.',
    labelNames: ['reactor'] as const,
    registers,
  });
  const requests = new Histogram({
    name: 'comptoir_reactor_command_request_seconds',
    help: 'Time from a request to its answer, failed ones included.',
    labelNames: ['reactor'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const mails = new Counter({
    name: 'comptoir_reactor_mails_total',
    help: 'What came of attempts to send a mail.',
    labelNames: ['outcome'] as const,
    registers,
  });
  return {
    runner: (reactor) => ({
      onBatch({ name, events: read, nextOffset, endOffset }, reacted) {
        events.inc({ reactor }, read.length);
        reactions.inc({ reactor }, reacted);
        lag.set({ reactor, partition: name }, Math.max(0, endOffset - nextOffset));
      },
    }),
    commands: (reactor) => ({
      onOutcome({ envelope }, outcome, code) {
        commands.inc({ reactor, command: envelope.type, outcome, code: code ?? '' });
      },
      onRetry() {
        retries.inc({ reactor });
      },
      onRequest(duration) {
        requests.observe({ reactor }, duration / 1_000);
      },
    }),
    outbox: (outcome) => {
      mails.inc({ outcome });
    },
  };
}
