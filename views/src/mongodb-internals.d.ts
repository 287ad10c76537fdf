// The one internal of the driver that we touch (idle-pool.ts), typed as far as we touch it.
declare module 'mongodb/lib/cmap/connection_pool.js' {
  export class ConnectionPool {
    readonly options: { readonly minPoolSize: number; readonly maxIdleTimeMS: number };
    ensureMinPoolSize: (this: ConnectionPool) => void;
  }
}
