import { describe, expect, it } from 'vitest';
import { type Box, type SystemMap, travelled } from './system-map.ts';
import { tallMap, wideMap } from './system-map-layouts.ts';

const isOnEdge = ({ x, y, width, height }: Box, [px, py]: readonly [number, number]): boolean =>
  ((px === x || px === x + width) && py >= y && py <= y + height) ||
  ((py === y || py === y + height) && px >= x && px <= x + width);

const find = (map: SystemMap, id: string): Box => {
  const found = map.boxes.find((box) => box.id === id);
  if (found === undefined) throw new Error(`There is no box ${id}.`);
  return found;
};

describe.each([
  ['wide', wideMap],
  ['tall', tallMap],
])('the %s drawing', (_name, map) => {
  it('keeps every box inside, and inner boxes inside their own', () => {
    for (const box of map.boxes) {
      const outer = box.inside === undefined ? { x: 0, y: 0, ...map } : find(map, box.inside);
      expect(box.x).toBeGreaterThanOrEqual(outer.x);
      expect(box.y).toBeGreaterThanOrEqual(outer.y);
      expect(box.x + box.width).toBeLessThanOrEqual(outer.x + outer.width);
      expect(box.y + box.height).toBeLessThanOrEqual(outer.y + outer.height);
    }
  });

  it('leads every arrow from the edge of one box to the edge of another', () => {
    for (const { from, to, points } of map.arrows) {
      const [first] = points;
      const last = points.at(-1);
      expect(first && isOnEdge(find(map, from), first), from).toBe(true);
      expect(last && isOnEdge(find(map, to), last), to).toBe(true);
    }
  });

  it('draws only level and upright lines', () => {
    for (const { points } of map.arrows) {
      for (const [index, [x, y]] of points.entries()) {
        const before = points[index - 1];
        if (before) expect(before[0] === x || before[1] === y).toBe(true);
      }
    }
  });

  it('has the same parts as the other', () => {
    expect(map.boxes.map(({ id }) => id).toSorted()).toEqual(wideMap.boxes.map(({ id }) => id).toSorted());
    expect(map.arrows.map(({ id }) => id).toSorted()).toEqual(wideMap.arrows.map(({ id }) => id).toSorted());
  });
});

it('lights the way of a reaction from the reactors, that of a command from the browser', () => {
  expect(travelled(true)[0]).toBe('carry-on');
  expect(travelled(false)[0]).toBe('send');
});
