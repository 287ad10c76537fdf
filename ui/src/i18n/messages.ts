// The shape of a catalogue: that of the English one, with any text in place of the English text.
import type { en } from './en.ts';

type Shape<Value> = Value extends string
  ? string
  : Value extends (...parameters: infer Parameters) => string
    ? (...parameters: Parameters) => string
    : { readonly [Key in keyof Value]: Shape<Value[Key]> };

export type Messages = Shape<typeof en>;
