export { createCommandApi, type CommandApiOptions } from './app.ts';
export { Writer, type WriterStatus } from './writer/writer.ts';
