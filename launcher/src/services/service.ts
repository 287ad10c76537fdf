// One service as a process that can be killed, started again with other variables, and watched: where it is wanted, a crash is
// followed by a new start.
import type { BoundedLog } from '../processes/bounded-log.ts';
import { keepRunning } from '../processes/keep-running.ts';
import { nodeVariables, smallProgram } from '../processes/node-program.ts';
import { startProcess, type Exit, type ManagedProcess } from '../processes/managed-process.ts';
import { plainEnvironment } from '../servers/java.ts';
import { httpAddress } from '../servers/ports.ts';
import { answersHttp, untilReady } from '../servers/readiness.ts';
import { services, type ServiceName } from './catalogue.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** How a service is run. */
export interface ServiceOptions {
  readonly name: ServiceName;
  readonly host: string;
  readonly port: number;
  /** Its variables, beside PATH and the like. */
  readonly env: Variables;
  readonly log: BoundedLog;
  readonly onLine?: ((line: string) => void) | undefined;
  /** Whether a crash is followed by a new start. */
  readonly restart: boolean;
  /** Whether a change of its code is. */
  readonly watch: boolean;
  /** Told of a crash and of what follows. */
  readonly say?: ((line: string) => void) | undefined;
}

/** A machine that runs other things too takes ten times its best. */
const readyWithin = 120_000;
const stopWithin = 8_000;

/** A service that we have started. */
export class Service {
  readonly name: ServiceName;
  readonly address: string;
  readonly #options: ServiceOptions;
  #process: ManagedProcess | undefined;
  /** Aborted when the process that was started last is not wanted any more. */
  #unwanted = new AbortController();

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.name = options.name;
    this.address = httpAddress(options.host, options.port);
  }

  /** Process id of the running process, or of the last one. */
  get pid(): number {
    return this.#current.pid;
  }

  /** How the running process ends, or the last one ended. */
  get exited(): Promise<Exit> {
    return this.#current.exited;
  }

  get #current(): ManagedProcess {
    if (this.#process === undefined) throw new Error(`${this.name} was never started`);
    return this.#process;
  }

  /**
   * Starts it, and waits until it is ready.
   *
   * @param extra - variables for this start and what follows from it
   * @throws Error with its last lines when it ends before it is ready, or is not ready within two minutes
   */
  async start(extra: Variables = {}): Promise<void> {
    this.#unwanted = new AbortController();
    const { name, restart, say = () => undefined } = this.#options;
    const { signal } = this.#unwanted;
    const child = await this.#run(extra);
    if (restart) void keepRunning(child, { name, start: () => this.#run(extra), signal, say });
  }

  async #run(extra: Variables): Promise<ManagedProcess> {
    const { name, host, port, env, log, onLine, watch } = this.#options;
    const { entry, portVariable } = services[name];
    const child = await startProcess({
      name,
      command: process.execPath,
      args: [...smallProgram, ...(watch ? ['--watch', '--watch-preserve-output'] : []), entry],
      env: {
        ...plainEnvironment(),
        ...nodeVariables,
        ...env,
        HOST: host,
        [portVariable]: String(port),
        ...extra,
      },
      log,
      ...(onLine === undefined ? {} : { onLine }),
    });
    this.#process = child;
    const isReady = (): Promise<boolean> => answersHttp(`${this.address}/health/ready`);
    await untilReady({ process: child, log, isReady, within: readyWithin });
    return child;
  }

  /** Ends the process with a signal, and waits for its end. It is not started again until `start`. */
  async kill(signal: NodeJS.Signals): Promise<Exit> {
    this.#unwanted.abort();
    this.#current.signal(signal);
    return this.exited;
  }

  /** Stops it for good; kills it after `within` ms. */
  async stop(within = stopWithin): Promise<void> {
    this.#unwanted.abort();
    await this.#process?.stop(within);
  }
}
