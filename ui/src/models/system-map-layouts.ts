// Where the parts of the system stand in its drawing: once for a wide screen, once for a tall one. The same parts in both, and only
// level and upright lines.

import type { Box, BoxId, SystemMap } from './system-map.ts';

const pages: Readonly<Partial<Record<BoxId, string>>> = {
  log: '/events',
  orders: '/events?topic=orders',
  stock: '/events?topic=stock',
  mail: '/notifications',
  projectors: '/projections',
  views: '/projections',
};

const box = (
  id: BoxId,
  [x, y, width, height]: readonly [number, number, number, number],
  inside?: BoxId,
): Box => ({ id, x, y, width, height, href: pages[id], ...(inside === undefined ? {} : { inside }) });

/** Commands above, from left to right; queries below, from right to left. */
export const wideMap: SystemMap = {
  width: 1000,
  height: 380,
  boxes: [
    box('browser', [10, 150, 130, 90]),
    box('command-api', [220, 50, 160, 80]),
    box('log', [470, 40, 190, 152]),
    box('orders', [482, 84, 166, 46], 'log'),
    box('stock', [482, 138, 166, 46], 'log'),
    box('reactors', [760, 50, 110, 80]),
    box('mail', [910, 50, 80, 80]),
    box('projectors', [760, 260, 230, 86]),
    box('views', [470, 242, 190, 122]),
    box('query-api', [220, 260, 160, 86]),
  ],
  arrows: [
    {
      id: 'send',
      from: 'browser',
      to: 'command-api',
      points: [
        [75, 150],
        [75, 90],
        [220, 90],
      ],
      label: [84, 80, 'start'],
    },
    {
      id: 'append',
      from: 'command-api',
      to: 'log',
      points: [
        [380, 90],
        [470, 90],
      ],
      label: [425, 80, 'middle'],
    },
    {
      id: 'react',
      from: 'log',
      to: 'reactors',
      points: [
        [660, 90],
        [760, 90],
      ],
      label: [710, 80, 'middle'],
    },
    {
      id: 'carry-on',
      from: 'reactors',
      to: 'command-api',
      points: [
        [815, 50],
        [815, 16],
        [300, 16],
        [300, 50],
      ],
      label: [730, 32, 'middle'],
    },
    {
      id: 'notify',
      from: 'reactors',
      to: 'mail',
      points: [
        [870, 90],
        [910, 90],
      ],
      label: [890, 44, 'middle'],
    },
    {
      id: 'project',
      from: 'log',
      to: 'projectors',
      points: [
        [660, 165],
        [875, 165],
        [875, 260],
      ],
      label: [770, 156, 'middle'],
    },
    {
      id: 'fold',
      from: 'projectors',
      to: 'views',
      points: [
        [760, 303],
        [660, 303],
      ],
      label: [710, 293, 'middle'],
    },
    {
      id: 'ask',
      from: 'views',
      to: 'query-api',
      points: [
        [470, 303],
        [380, 303],
      ],
      label: [425, 293, 'middle'],
    },
    {
      id: 'show',
      from: 'query-api',
      to: 'browser',
      points: [
        [220, 303],
        [75, 303],
        [75, 240],
      ],
      label: [84, 293, 'start'],
    },
  ],
};

/** The same from top to bottom: commands on the left, queries on the right. */
export const tallMap: SystemMap = {
  width: 340,
  height: 640,
  boxes: [
    box('browser', [90, 8, 160, 66]),
    box('command-api', [22, 130, 138, 78]),
    box('query-api', [192, 130, 138, 78]),
    box('log', [22, 270, 138, 164]),
    box('orders', [30, 318, 122, 48], 'log'),
    box('stock', [30, 376, 122, 48], 'log'),
    box('views', [192, 270, 138, 134]),
    box('projectors', [192, 488, 138, 78]),
    box('reactors', [22, 488, 138, 78]),
    box('mail', [22, 592, 138, 44]),
  ],
  arrows: [
    {
      id: 'send',
      from: 'browser',
      to: 'command-api',
      points: [
        [118, 74],
        [118, 130],
      ],
      label: [112, 106, 'end'],
    },
    {
      id: 'show',
      from: 'query-api',
      to: 'browser',
      points: [
        [222, 130],
        [222, 74],
      ],
      label: [230, 106, 'start'],
    },
    {
      id: 'append',
      from: 'command-api',
      to: 'log',
      points: [
        [91, 208],
        [91, 270],
      ],
      label: [99, 243, 'start'],
    },
    {
      id: 'ask',
      from: 'views',
      to: 'query-api',
      points: [
        [261, 270],
        [261, 208],
      ],
      label: [269, 243, 'start'],
    },
    {
      id: 'react',
      from: 'log',
      to: 'reactors',
      points: [
        [60, 434],
        [60, 488],
      ],
      label: [68, 458, 'start'],
    },
    {
      id: 'project',
      from: 'log',
      to: 'projectors',
      points: [
        [140, 434],
        [140, 470],
        [215, 470],
        [215, 488],
      ],
      label: [178, 463, 'middle'],
    },
    {
      id: 'fold',
      from: 'projectors',
      to: 'views',
      points: [
        [290, 488],
        [290, 404],
      ],
      label: [284, 446, 'end'],
    },
    {
      id: 'notify',
      from: 'reactors',
      to: 'mail',
      points: [
        [91, 566],
        [91, 592],
      ],
      label: [99, 583, 'start'],
    },
    {
      id: 'carry-on',
      from: 'reactors',
      to: 'command-api',
      points: [
        [22, 527],
        [8, 527],
        [8, 169],
        [22, 169],
      ],
      label: [12, 245, 'start'],
    },
  ],
};
