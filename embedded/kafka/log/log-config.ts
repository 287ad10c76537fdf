/** The settings of a topic that its logs follow; in the units of the settings of the same names (ms, bytes). */
export interface LogConfig {
  readonly segmentBytes: number;
  readonly segmentMs: number;
  /** -1: for ever. */
  readonly retentionMs: number;
  /** -1: without limit. */
  readonly retentionBytes: number;
  /** `cleanup.policy` has `delete`, `compact`, or both. */
  readonly deletes: boolean;
  readonly compacts: boolean;
  readonly minCleanableDirtyRatio: number;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
  readonly deleteRetentionMs: number;
  readonly maxMessageBytes: number;
  readonly timestampType: 'createTime' | 'logAppendTime';
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;
  readonly indexIntervalBytes: number;
}
