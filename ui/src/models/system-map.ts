// The drawing of the system: what boxes and arrows are; where they stand is in `system-map-layouts.ts`. Figures are put in by
// whoever draws. Places are in the drawing's own units; an arrow's points begin and end on the edges of its boxes.

export type BoxId =
  | 'browser'
  | 'command-api'
  | 'log'
  | 'orders'
  | 'stock'
  | 'reactors'
  | 'mail'
  | 'projectors'
  | 'views'
  | 'query-api';

export interface Box {
  readonly id: BoxId;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Where the box leads, if it has a page. */
  readonly href: string | undefined;
  /** The box that this one stands in. */
  readonly inside?: BoxId;
}

export type ArrowId =
  'send' | 'append' | 'react' | 'carry-on' | 'notify' | 'project' | 'fold' | 'ask' | 'show';

export interface Arrow {
  readonly id: ArrowId;
  readonly from: BoxId;
  readonly to: BoxId;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Where the arrow's word stands, and how it is anchored there. */
  readonly label: readonly [x: number, y: number, anchor: 'start' | 'middle' | 'end'];
}

export interface SystemMap {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** Which arrows an event has travelled when the journal shows it. */
export const travelled = (isReaction: boolean): readonly ArrowId[] => [
  isReaction ? 'carry-on' : 'send',
  'append',
  'project',
  'fold',
];

/** The points as an SVG path. */
export const arrowPath = ({ points }: Arrow): string =>
  points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${String(x)} ${String(y)}`).join(' ');
