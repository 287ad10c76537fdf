// What a shop costs that nobody uses, and how soon it is there and gone: `npm start` with all its processes, beside the bounds that the
// project sets itself. Linux alone, since the figures are the kernel's (/proc).
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Benchmark, Row } from './benchmark.ts';

const launcher = fileURLToPath(new URL('../../launcher/bootstrap.mjs', import.meta.url));

/** Seconds until what a start leaves behind is done: some 100 s later V8 collects its garbage. */
const settling = 120;
/** Seconds that are measured. */
const measuring = 60;

const bounds = { start: 6, stop: 5, processor: 2, memory: 500 } as const;

/** Free ports and embedded servers, whatever the caller's environment names. */
function environment(dataDir: string): NodeJS.ProcessEnv {
  const services = ['', 'COMMAND_API_', 'QUERY_API_', 'PROJECTORS_', 'REACTORS_'];
  const servers = ['KAFKA_', 'SCHEMA_REGISTRY_', 'MONGODB_'];
  const ports = [...services, ...servers].map((prefix) => [`${prefix}PORT`, '0'] as const);
  const addresses = ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'MONGODB_URI'];
  const inherited = Object.entries(process.env).filter(([name]) => !addresses.includes(name));
  return { ...Object.fromEntries([...inherited, ...ports]), DATA_DIR: dataDir };
}

interface Started {
  readonly child: ChildProcess;
  /** From the command to "is ready", s. */
  readonly took: number;
}

async function start(dataDir: string): Promise<Started> {
  const began = performance.now();
  const child = spawn(process.execPath, [launcher, 'start'], {
    env: environment(dataDir),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('is ready')) continue;
    child.stdout.resume();
    return { child, took: (performance.now() - began) / 1_000 };
  }
  throw new Error('the shop ended before it was ready');
}

/** Stops a shop as Ctrl-C does. @returns how long it took, s */
async function stop(child: ChildProcess): Promise<number> {
  const began = performance.now();
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGINT');
    await gone;
  }
  return (performance.now() - began) / 1_000;
}

/** A process and all that it started, itself first. */
async function family(pid: string): Promise<string[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8')),
  );
  const children = lists.flatMap((list) => list.split(' ')).filter((child) => child !== '');
  return [pid, ...(await Promise.all(children.map(family))).flat()];
}

/** How long a process ran on a processor so far, by the scheduler's own count, ns. */
async function ran(pid: string): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')),
  );
  return times.reduce((sum, time) => sum + Number.parseInt(time, 10), 0);
}

/** Memory of a process, pages that it shares counted in parts (PSS), MB. */
async function memory(pid: string): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+)/mu.exec(rollup)?.[1] ?? 0) / 1_024;
}

/** The program that a process runs: `command-api/src/server.ts` is `command-api`. */
async function program(pid: string): Promise<string> {
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  const script = words.find((word) => /\.(?:ts|sh)$/u.test(word)) ?? words[0] ?? pid;
  if (basename(script) !== 'server.ts') return basename(script).replace(/\.\w+$/u, '');
  return basename(dirname(script).replace(/\/src$/u, ''));
}

async function idle(root: string): Promise<Row[]> {
  const pids = await family(root);
  const before = await Promise.all(pids.map(ran));
  const began = performance.now();
  await delay(measuring * 1_000);
  const after = await Promise.all(pids.map(ran));
  const nanoseconds = (performance.now() - began) * 1e6;
  const used = pids.map((_, index) => (((after[index] ?? 0) - (before[index] ?? 0)) / nanoseconds) * 100);
  const held = await Promise.all(pids.map(memory));
  const names = await Promise.all(pids.map(program));
  const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0);
  return [
    ...names.map((name, index) => ({
      what: `idle: ${name}`,
      '% of a core': rounded(used[index] ?? 0),
      MB: Math.round(held[index] ?? 0),
    })),
    { what: 'idle: all', '% of a core': rounded(sum(used)), MB: Math.round(sum(held)) },
    { what: 'idle: bound', '% of a core': bounds.processor, MB: bounds.memory },
  ];
}

const rounded = (figure: number): number => Math.round(figure * 100) / 100;

async function run(): Promise<Row[]> {
  if (process.platform !== 'linux') throw new Error('this benchmark reads /proc, which only Linux has');
  const dataDir = await mkdtemp(join(tmpdir(), 'comptoir-bench-'));
  let shop: Started | undefined;
  try {
    // The first start after a change compiles, which neither its time nor its memory should be taken for.
    shop = await start(dataDir);
    await stop(shop.child);
    shop = await start(dataDir);
    await delay(settling * 1_000);
    const figures = await idle(String(shop.child.pid));
    const stopped = await stop(shop.child);
    return [
      { what: 'start to ready', seconds: rounded(shop.took), bound: bounds.start },
      { what: 'Ctrl-C to the end', seconds: rounded(stopped), bound: bounds.stop },
      ...figures,
    ];
  } finally {
    if (shop !== undefined) await stop(shop.child);
    await rm(dataDir, { recursive: true, force: true });
  }
}

export const idleShop: Benchmark = {
  name: 'idle',
  about:
    'npm start on an installed checkout: how soon it is ready and gone, and what it takes while nothing happens',
  run,
};
