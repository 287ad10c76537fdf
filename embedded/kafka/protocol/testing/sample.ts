// Values for a message's fields that depend on nothing but the table and the version, so that bytes made elsewhere for the same
// values can be kept and compared.
import type { AnyField, Fields } from '../schema.ts';
import { includes } from '../versions.ts';

/** `full` has a value everywhere and two items in every array; `bare` has null where it may be, and nothing in arrays. */
export type SampleKind = 'full' | 'bare';

/** The value of every field that is there in `version`. */
export function sample(fields: Fields, version: number, kind: SampleKind): Readonly<Record<string, unknown>> {
  let number = 0;
  const valueOf = (field: AnyField): unknown => {
    const { shape, nullable } = field;
    if (kind === 'bare' && nullable !== undefined && includes(nullable, version)) return null;
    number += 1;
    switch (shape.kind) {
      case 'bool':
        return kind === 'full';
      case 'int8':
        return number;
      case 'int16':
        return 300 + number;
      case 'int32':
        return 70_000 + number;
      case 'int64':
        return 5_000_000_000 + number;
      case 'uuid':
        return Buffer.alloc(16, number).toString('base64url');
      case 'string':
        return kind === 'full' ? `é${String(number)}` : '';
      case 'bytes':
      case 'records':
        return Buffer.alloc(kind === 'full' ? 3 : 0, number);
      case 'struct':
        return structOf(shape.fields);
      case 'array':
        return kind === 'full' ? [valueOf(shape.item), valueOf(shape.item)] : [];
    }
  };
  const structOf = (all: Fields): Readonly<Record<string, unknown>> =>
    Object.fromEntries(
      Object.entries(all).flatMap(([name, field]) => {
        const isThere = includes(field.versions, version) && (field.tag === undefined || kind === 'full');
        return isThere ? [[name, valueOf(field)]] : [];
      }),
    );
  return structOf(fields);
}
