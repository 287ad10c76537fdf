// The commands of package.json. Each is a module; what it throws is a message for the person in front of the terminal.
import { messageOf } from './failures.ts';
import { runBench, runProjections } from './commands/programs.ts';
import { runConformance, runRealTests, runTests } from './commands/test.ts';
import { runDev, runStart } from './commands/start.ts';

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  start: runStart,
  dev: runDev,
  test: runTests,
  'test:real': runRealTests,
  conformance: runConformance,
  projections: runProjections,
  bench: runBench,
};

const [name = '', ...args] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  console.error(`There is no command ${name}. There is: ${Object.keys(commands).join(', ')}.`);
  process.exit(2);
}
try {
  process.exit(await command(args));
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}
