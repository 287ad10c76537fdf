// `npm start`: the whole shop on this machine, until Ctrl-C.
import { relative } from 'node:path';
import { buildPanel } from '../panel-build.ts';
import { startComptoir, type Comptoir } from '../comptoir.ts';
import { lockDataDir } from '../data-dir-lock.ts';
import { formatLine, lowerLevel } from '../processes/log-lines.ts';
import { stopEverything } from '../processes/managed-process.ts';
import { readSettings, type Settings } from './settings.ts';

/** Where `npm run projections` looks when nothing says otherwise. */
const standardMongodb = 'mongodb://127.0.0.1:27017/comptoir';

const say = (line: string): void => {
  console.log(line);
};

/** What of a service's log is shown: while everything starts only what is wrong, then what was asked for. */
function showLines({ logLevel }: Settings): { show(name: string, line: string): void; started(): void } {
  const style = {
    level: lowerLevel('warn', logLevel) === logLevel ? 'warn' : logLevel,
    colour: process.stdout.isTTY,
  };
  let current = style;
  return {
    show(name, line) {
      const text = formatLine(name, line, current);
      if (text !== undefined) say(text);
    },
    started() {
      current = { ...style, level: logLevel };
    },
  };
}

/** What a server is, or that it is not ours. */
const productOf = (server: { readonly product: string } | undefined): string => server?.product ?? 'yours';

/** The block that says: it is ready, here it is, try this. */
export function readyBlock({ addresses, servers }: Comptoir, dataDir: string): string {
  const { panel, kafka = '', schemaRegistry = '', mongodb = '' } = addresses;
  return `
  Comptoir is ready: ${panel}

  Kafka            ${kafka}, ${productOf(servers.kafka)}
  Schema Registry  ${schemaRegistry}, ${productOf(servers.schemaRegistry)}
  MongoDB          ${mongodb}, ${productOf(servers.mongodb)}
  HTTP             ${panel}/command-api/docs/ and ${panel}/query-api/docs/
  data and logs    ${dataDir}

  Try
    open ${panel}, register an item and order it; then order more of it than there is
    curl ${panel}/query-api/v1/orders
    ${mongodb === standardMongodb ? '' : `MONGODB_URI=${mongodb} `}npm run projections -- rebuild orders
    kcat -C -b ${kafka} -t orders -f '%k %h\\n' -e
    npx mongosh ${mongodb} --eval 'show collections'

  Ctrl-C stops everything; what it knows stays in ${dataDir}.
`;
}

/** Resolves at the first request to stop; later ones change nothing. */
function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        resolve();
      });
    }
  });
}

/** @returns the exit code */
export async function runStart(args: readonly string[]): Promise<number> {
  const unknown = args.filter((arg) => arg !== '--real');
  if (unknown.length > 0) {
    console.error(
      `npm start does not know ${unknown.join(' ')}. Settings come from the environment: see the README.`,
    );
    return 2;
  }
  const settings = readSettings();
  const { host, ports } = settings;
  const inside = relative(process.cwd(), settings.dataDir);
  const dataDir = inside.startsWith('..') ? settings.dataDir : inside;
  const stop = stopRequested();
  const unlock = await lockDataDir(settings.dataDir);
  const lines = showLines(settings);
  const starting = (async () => {
    await buildPanel(say);
    say('starting');
    return startComptoir({
      dataDir: settings.dataDir,
      env: process.env,
      host,
      ports,
      say,
      onLine: (name, line) => {
        lines.show(name, line);
      },
    });
  })();
  const comptoir = await Promise.race([starting, stop]);
  if (comptoir === undefined) {
    say('stopping');
    const stopped = starting.then((late) => late.stop()).catch(() => undefined);
    await stopEverything(8_000);
    await stopped;
    return 130;
  }
  lines.started();
  say(readyBlock(comptoir, dataDir));
  await stop;
  say('\nstopping');
  await comptoir.stop();
  await unlock();
  say('stopped');
  return 0;
}
