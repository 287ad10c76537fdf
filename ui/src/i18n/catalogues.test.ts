import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { fr } from './fr.ts';

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;

/** Every text of a catalogue by its path; functions are left to the pages that call them. */
function texts(tree: Tree, path = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([name, value]): (readonly [string, string])[] => {
      if (isTree(value)) return [...texts(value, `${path}${name}.`)];
      return typeof value === 'string' ? [[path + name, value]] : [];
    }),
  );
}

describe('the French catalogue', () => {
  const french = texts(fr);

  it('has every text of the English one, and none is empty', () => {
    expect([...french.keys()]).toEqual([...texts(en).keys()]);
    expect([...french].filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it('keeps its high punctuation with the word before it', () => {
    expect([...french].filter(([, text]) => / [:;?!»]|« /.test(text))).toEqual([]);
  });

  it('counts as French does: zero is singular', () => {
    expect(fr.projections.events(0)).toBe('0 événement');
    expect(fr.projections.events(2)).toBe('2 événements');
    expect(en.projections.events(0)).toBe('0 events');
  });
});
