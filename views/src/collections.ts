// Where view documents are: one collection per generation of a projection, `orders.g2`. Which generation readers use stands in the
// registry (registry.ts). The collections that are no views are named where their documents are described.
import type { Collection, Db } from 'mongodb';
import type { ProjectionName, Stored, Views } from './documents.ts';

/** The collection of one generation of a projection, and the id of its checkpoint: `orders.g2`. */
export const generationName = (projection: string, generation: number): string =>
  `${projection}.g${String(generation)}`;

/** The documents of one generation of a projection. */
export const viewCollection = <Name extends ProjectionName>(
  db: Db,
  projection: Name,
  generation: number,
): Collection<Stored<Views[Name]>> => db.collection(generationName(projection, generation));
