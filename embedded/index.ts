export { startKafka } from './kafka/index.ts';
export { startSchemaRegistry } from './schema-registry/index.ts';
export { startMongoDB } from './mongodb/index.ts';
export type { ServerOptions, StartedServer } from './options.ts';
