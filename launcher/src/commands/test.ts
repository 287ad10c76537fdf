// `npm test`, `npm run test:real` and `npm run conformance`: every check as a process of its own, and at the end one line that
// counts.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPanel } from '../panel-build.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** How many succeeded and failed. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** A program, by its name in node_modules/.bin. */
interface Check {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** Folder to run it in. */
  readonly folder?: string;
}

const workspaces = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { workspaces: string[] };
const folders = workspaces.workspaces.filter((folder) => folder !== 'ui');

/** Everything but the tests themselves. */
const checks: readonly Check[] = [
  { name: 'generated types are current', command: ['node', 'schemas/scripts/generate.ts', '--check'] },
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  {
    name: 'types of the panel',
    command: ['svelte-check', '--tsconfig', './tsconfig.json', '--fail-on-warnings'],
    folder: 'ui',
  },
  { name: 'lint', command: ['eslint', '.'] },
  { name: 'who may import whom', command: ['depcruise', '--config', '.dependency-cruiser.cjs', ...folders] },
  { name: 'dead code', command: ['knip', '--no-progress'] },
];

/** Runs a program with the terminal's output. @returns its exit code */
function run({ command: [program, ...args], folder = '.' }: Omit<Check, 'name'>): Promise<number> {
  const child = spawn(program, args, {
    cwd: join(root, folder),
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter) },
  });
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`${program} cannot be run: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}

/** What vitest's JSON report says. A run that failed without a failed test (an error outside of any) counts as one. */
export function tallyOf(report: string, exitCode: number): Tally {
  const { numPassedTests, numFailedTests } = JSON.parse(report) as Record<string, number>;
  const passed = numPassedTests ?? 0;
  const failed = numFailedTests ?? 0;
  return { passed, failed: exitCode === 0 ? failed : Math.max(failed, 1) };
}

async function runVitest(args: readonly string[]): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'comptoir-report-'));
  const file = join(folder, 'report.json');
  try {
    const code = await run({
      command: [
        'vitest',
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${file}`,
        ...args,
      ],
    });
    const report = await readFile(file, 'utf8').catch(() => '{}');
    return tallyOf(report, code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function conclude(tallies: readonly Tally[]): number {
  const sum = (which: keyof Tally): number => tallies.reduce((total, tally) => total + tally[which], 0);
  console.log(`\n${String(sum('passed'))} passed, ${String(sum('failed'))} failed`);
  return sum('failed') === 0 ? 0 : 1;
}

const say = (line: string): void => {
  console.log(line);
};

/** Those that need no server; then, one file after the other, those on the embedded servers. */
const stages = [['unit', 'ui', 'browser'], ['embedded']];

/** `npm test`. Arguments go to vitest; then the checks before the tests are left out. */
export async function runTests(args: readonly string[]): Promise<number> {
  const tallies: Tally[] = [];
  for (const check of args.length > 0 ? [] : checks) {
    say(`\n${check.name}: ${check.command.join(' ')}`);
    const passed = (await run(check)) === 0;
    tallies.push(passed ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
    if (!passed) say(`${check.name}: failed`);
  }
  await buildPanel(say);
  for (const projects of stages) {
    const chosen = projects.flatMap((project) => ['--project', project]);
    // A filter may be meant for one stage only.
    const lenient = args.length > 0 ? ['--passWithNoTests'] : [];
    tallies.push(await runVitest([...chosen, ...lenient, ...args]));
  }
  return conclude(tallies);
}

/** `npm run test:real`: on the servers in the environment, or on those that the tests start. */
export async function runRealTests(args: readonly string[]): Promise<number> {
  await buildPanel(say);
  return conclude([await runVitest(['--project', 'real', ...args])]);
}

/** The suites of `npm run conformance`, by the name they are asked for. */
const conformanceSuites: Readonly<Record<string, string>> = {
  kafka: 'tests/conformance/kafka',
  registry: 'tests/conformance/schema-registry',
  mongodb: 'tests/conformance/mongodb',
};

/** `npm run conformance [-- kafka|registry|mongodb]`. Further arguments go to vitest. */
export async function runConformance(args: readonly string[]): Promise<number> {
  return conclude([
    await runVitest(['--project', 'conformance', ...args.map((arg) => conformanceSuites[arg] ?? arg)]),
  ]);
}
