// The life of a service process: listen, say `ready` with the address, and on SIGTERM or SIGINT stop taking requests, close
// everything in the order given, and exit 0, all within eight seconds.
import closeWithGrace from 'close-with-grace';
import { ConfigurationError } from './configuration.ts';
import type { Http } from './typed-fastify.ts';
import { createLogger, type Logger } from './logger.ts';

/** Something that is closed when the service stops. */
export interface Closable {
  /** For the log: `event log`. */
  readonly name: string;
  readonly close: () => unknown;
}

/** What to serve and where. */
export interface ServeOptions {
  readonly app: Pick<Http, 'listen' | 'close' | 'addresses'>;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** The variable that sets the port, for messages: `QUERY_API_PORT`. */
  readonly portVariable: string;
  readonly logger: Logger;
  /** Closed one after the other once no request is under way. */
  readonly close?: readonly Closable[];
  /** More members of the `ready` line. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The longest a stop may take, ms. Whoever started us gives ten seconds. */
const stopWithin = 8_000;

const listenFailures: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken',
  EACCES: 'is not allowed for this user',
  EADDRNOTAVAIL: 'is not an address of this machine',
};

async function listen({ app, host, port, portVariable }: ServeOptions): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = listenFailures[code];
    if (reason === undefined) throw error;
    const variables = code === 'EADDRNOTAVAIL' ? 'HOST' : portVariable;
    throw new ConfigurationError(`${host}:${String(port)} ${reason}: set ${variables} to another one.`, {
      cause: error,
    });
  }
  const [first] = app.addresses();
  return `http://${host.includes(':') ? `[${host}]` : host}:${String(typeof first === 'object' ? first.port : port)}`;
}

async function closeAll({ app, close = [], logger }: ServeOptions): Promise<void> {
  for (const { name, close: closeOne } of [{ name: 'http', close: () => app.close() }, ...close]) {
    try {
      await closeOne();
    } catch (error) {
      logger.error({ err: error }, `closing ${name} failed`);
    }
  }
}

/**
 * Listens, logs `ready`, and closes everything when the process is asked to stop.
 *
 * @returns the address it is served at
 * @throws ConfigurationError when the port cannot be had
 */
export async function serve(options: ServeOptions): Promise<string> {
  const { logger } = options;
  const address = await listen(options);
  const grace = closeWithGrace(
    {
      delay: stopWithin,
      // Handled below: Ctrl-C reaches us from the terminal and again from whoever started us, and a second signal
      // must not cut the first one's work short.
      skip: ['SIGTERM', 'SIGINT'],
      logger: {
        error: (...parts: unknown[]) => {
          logger.error(parts.map(String).join(' '));
        },
      },
      onTimeout: () => {
        logger.fatal(`not stopped within ${String(stopWithin)} ms`);
      },
    },
    async ({ err }) => {
      if (err === undefined) logger.info('stopping');
      else logger.fatal({ err }, 'stopping after an error that nothing handled');
      await closeAll(options);
      logger.info('stopped');
    },
  );
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (asked) return;
      asked = true;
      grace.close();
    });
  }
  logger.info({ address, ...options.details }, 'ready');
  return address;
}

/**
 * Runs a service's start. When it fails, says why in one line (a wrong configuration without a stack) and exits 1.
 *
 * @param service - the service's name
 * @param start - everything up to `serve`
 */
export async function run(service: string, start: (logger: Logger) => Promise<unknown>): Promise<void> {
  const logger = createLogger({ service });
  try {
    await start(logger);
  } catch (error) {
    if (error instanceof ConfigurationError) logger.fatal(error.message);
    else logger.fatal({ err: error }, 'could not start');
    process.exit(1);
  }
}
