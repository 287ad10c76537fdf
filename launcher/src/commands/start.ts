// `npm start` and `npm run dev`: the whole shop on this machine, until Ctrl-C. For development the services start again when their
// code changes, and Vite serves the panel where the gateway would.
import { join, relative } from 'node:path';
import { buildPanel, servePanel } from '../panel-build.ts';
import { startComptoir, type Comptoir } from '../comptoir.ts';
import { lockDataDir } from '../data-dir-lock.ts';
import { formatLine, lowerLevel } from '../processes/log-lines.ts';
import { stopEverything } from '../processes/managed-process.ts';
import { openLog } from '../processes/bounded-log.ts';
import { portToUse } from '../servers/ports.ts';
import { serviceNames } from '../services/catalogue.ts';
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

/** How the shop is run. */
interface Run {
  /** The command, for messages: `npm start`. */
  readonly command: string;
  /** Whether code that changes takes effect at once. */
  readonly watch: boolean;
}

/** @returns the exit code */
async function runShop(args: readonly string[], { command, watch }: Run): Promise<number> {
  const unknown = args.filter((arg) => arg !== '--real');
  if (unknown.length > 0) {
    console.error(
      `${command} does not know ${unknown.join(' ')}; it knows --real, for real servers instead of the embedded ones. Settings come from the environment: see the README.`,
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
    const panelPort = await portToUse({ host, port: ports.gateway, variable: 'PORT' });
    if (!watch) await buildPanel(say);
    say('starting');
    const comptoir = await startComptoir({
      dataDir: settings.dataDir,
      kind: args.includes('--real') ? 'real' : 'embedded',
      env: process.env,
      host,
      ports: { ...ports, gateway: panelPort },
      watch,
      services: serviceNames.filter((name) => !watch || name !== 'gateway'),
      say,
      onLine: (name, line) => {
        lines.show(name, line);
      },
    });
    if (watch) {
      const log = openLog(join(settings.dataDir, 'logs', 'panel.log'));
      await servePanel({ host, port: panelPort, ...comptoir.addresses, log });
    }
    return comptoir;
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
  await stopEverything(1_000);
  await unlock();
  say('stopped');
  return 0;
}

/** `npm start`. */
export const runStart = (args: readonly string[]): Promise<number> =>
  runShop(args, { command: 'npm start', watch: false });

/** `npm run dev`. */
export const runDev = (args: readonly string[]): Promise<number> =>
  runShop(args, { command: 'npm run dev', watch: true });
