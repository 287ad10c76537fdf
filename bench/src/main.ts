// `npm run bench [name…]`: runs the benchmarks named, or all. A benchmark compares things within one run, since the machine may
// be shared: the ratios count, not the figures. It prints a table and writes bench/results/<name>.json.
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { commands } from './commands.ts';
import { embeddedMongoDB } from './embedded-mongodb.ts';
import { embeddedKafka } from './embedded-kafka.ts';
import { idleShop } from './idle.ts';
import type { Benchmark } from './benchmark.ts';

const benchmarks: readonly Benchmark[] = [commands, embeddedKafka, embeddedMongoDB, idleShop];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  console.error(
    `no benchmark ${unknown.join(', ')}; there is: ${benchmarks.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

const results = new URL('../results/', import.meta.url);
await mkdir(results, { recursive: true });
for (const { name, about, run } of benchmarks) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n${name}: ${about}`);
  const rows = await run();
  console.table(rows);
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  await writeFile(
    new URL(`${name}.json`, results),
    `${JSON.stringify({ name, about, date: new Date().toISOString(), machine, rows }, null, 2)}\n`,
  );
}
