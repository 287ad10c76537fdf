// What tests and tools use of this part; the process itself is server.ts.
export { startReactors, type Reactors, type ReactorsOptions } from './app.ts';
export { commandId, commandNamespace } from './command-id.ts';
export { fulfilment } from './fulfilment.ts';
export { notifications } from './notifications/notifications.ts';
export { declareReactor, type Reactor } from './reactor.ts';
export { reactorCheckpoint, reactorGroup, runReactor } from './runner.ts';
