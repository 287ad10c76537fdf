// mongodb 7.9.0 wakes the process ten times a second for every server that a client knows, to keep its pool of connections at `minPoolSize`
// and to drop those that have been idle for `maxIdleTimeMS`; the interval cannot be set from outside. We set neither, and a connection
// that broke is dropped when it is taken next: so there is nothing to look for. One method of the pool is replaced, in this place only.
import { ConnectionPool } from 'mongodb/lib/cmap/connection_pool.js';

const { ensureMinPoolSize: keepSize } = ConnectionPool.prototype;

ConnectionPool.prototype.ensureMinPoolSize = function keepSizeWhenAsked(this: ConnectionPool): void {
  if (this.options.minPoolSize > 0 || this.options.maxIdleTimeMS > 0) keepSize.call(this);
};
