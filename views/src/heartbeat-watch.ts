// A guard against a heartbeat of the driver that never ends. Seen with mongodb 7.9.0 on a server that is asked and not streamed
// from: when all connections break at once, the monitor asks on its own broken connection, and the command is neither answered nor
// failed. The driver then takes the server to be away for good. Whoever waits longer than any heartbeat may take has met this, and
// a client that is closed and connected again has a new monitor; collections and databases of it stay valid.
import type { MongoClient, ServerHeartbeatStartedEvent } from 'mongodb';

/** Longer than a server may take for its answer (`connectTimeoutMS`, 10 s). Milliseconds. */
const longestHeartbeat = 12_000;
/** A server that is streamed from may keep its answer back for as long as `heartbeatFrequencyMS`. */
const keptBack = 10_000;

/**
 * Watches the heartbeats of a client, and connects it again when one does not end.
 *
 * @returns stops watching
 */
export function watchHeartbeats(client: MongoClient): () => void {
  const begun = new Map<string, number>();
  let renewing = false;
  let stopped = false;
  const begin = ({ connectionId, awaited }: ServerHeartbeatStartedEvent): void => {
    begun.set(connectionId, performance.now() + (awaited ? keptBack : 0));
  };
  const end = ({ connectionId }: { readonly connectionId: string }): void => {
    begun.delete(connectionId);
  };
  const renew = async (): Promise<void> => {
    renewing = true;
    try {
      await client.close();
      begun.clear();
      if (!stopped) await client.connect();
    } catch {
      // Still away: the next operation connects by itself.
    } finally {
      renewing = false;
    }
  };
  client.on('serverHeartbeatStarted', begin);
  client.on('serverHeartbeatSucceeded', end);
  client.on('serverHeartbeatFailed', end);
  const timer = setInterval(() => {
    const oldest = Math.min(...begun.values());
    if (!renewing && performance.now() - oldest > longestHeartbeat) void renew();
  }, 1_000);
  timer.unref();
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}
