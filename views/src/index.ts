export * from './availability.ts';
export * from './checkpoints.ts';
export * from './collections.ts';
export * from './database.ts';
export * from './documents.ts';
export * from './notifications.ts';
export * from './registry.ts';
