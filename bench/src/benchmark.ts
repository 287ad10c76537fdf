/** One row of a benchmark's table. */
export type Row = Readonly<Record<string, string | number>>;

/** Something that is measured beside its limit, in one run. */
export interface Benchmark {
  /** `npm run bench <name>`. */
  readonly name: string;
  /** What is compared, in one line. */
  readonly about: string;
  readonly run: () => Promise<Row[]>;
}
