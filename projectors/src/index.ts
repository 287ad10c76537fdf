export { startEngine, type Engine, type EngineOptions } from './engine.ts';
export { projection, type Declaration, type Projection } from './projection.ts';
export { shopProjections } from './projections/shop-projections.ts';
