// What the three servers have in common: how they are asked for, and what comes back.

/** How a server is started. */
export interface ServerOptions {
  /** Its data; made when it is missing. Each server has a folder of its own in it. */
  readonly dataDir: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
}

/** A running server. */
export interface StartedServer {
  /** As clients take it: `127.0.0.1:9092`, `http://127.0.0.1:8081`, `mongodb://127.0.0.1:27017`. */
  readonly address: string;
  readonly port: number;
  /** Answers what is in hand, closes every connection, writes what is left and frees the folder. */
  stop(): Promise<void>;
}
