// An error as a reader can use it: what, why, what to do, and the correlation id to copy.
// The API's own sentence is the why; what to do follows from the code, or from the status when the code is not known here.

import { RequestFailed } from '../services/http.ts';

export type Advice =
  | 'unreachable'
  | 'correct-input'
  | 'not-found'
  | 'already-exists'
  | 'reload'
  | 'wait'
  | 'rebuild-running'
  | 'not-possible'
  | 'report';

export interface ProblemView {
  /** The API's title, or nothing when no answer came. */
  readonly title: string | undefined;
  readonly why: string | undefined;
  readonly code: string | undefined;
  readonly advice: Advice;
  readonly fields: readonly { readonly pointer: string; readonly detail: string }[];
  readonly correlationId: string | undefined;
}

const adviceByCode: Readonly<Record<string, Advice>> = {
  'rebuild-in-progress': 'rebuild-running',
  'version-conflict': 'reload',
  'writer-unavailable': 'wait',
};

function adviceFor(status: number, code: string | undefined): Advice {
  const known = code === undefined ? undefined : adviceByCode[code];
  if (known !== undefined) return known;
  if (status === 0 || status === 502 || status === 504) return 'unreachable';
  if (status === 400 || status === 413 || status === 415) return 'correct-input';
  if (status === 404) return 'not-found';
  if (status === 409) return 'already-exists';
  if (status === 412) return 'reload';
  if (status === 422) return 'not-possible';
  if (status === 429 || status === 503) return 'wait';
  return 'report';
}

/** Reads any error as a problem: of an API, of the connection, or of the panel's own making. */
export function problemView(error: unknown): ProblemView {
  if (!(error instanceof RequestFailed)) {
    return {
      title: undefined,
      why: error instanceof Error ? error.message : String(error),
      code: undefined,
      advice: 'report',
      fields: [],
      correlationId: undefined,
    };
  }
  const { problem, status } = error;
  return {
    title: problem?.title,
    why: problem?.detail,
    code: problem?.code,
    advice: adviceFor(status, problem?.code),
    fields: problem?.errors ?? [],
    correlationId: problem?.correlationId,
  };
}

/** Whether the same request may succeed without anything being changed first. */
export const isWorthRetrying = ({ advice }: ProblemView): boolean =>
  advice === 'unreachable' || advice === 'wait' || advice === 'report';

/** The text for the clipboard when somebody reports the problem. */
export const problemReport = (view: ProblemView): string =>
  [view.code ?? view.title ?? 'error', view.why, view.correlationId]
    .filter((part) => part !== undefined)
    .join('\n');
