// What the reader has chosen: theme, time, density, and whether single keys are shortcuts. Remembered in this browser; each value
// is checked when it is read back, so an old or foreign entry falls back to the default.
import type { TimeStyle } from '../models/instant.ts';
import { recall, remember } from './storage.ts';

export const themes = ['system', 'light', 'dark'] as const;
export const timeStyles = ['local', 'utc', 'relative'] as const satisfies readonly TimeStyle[];
export const densities = ['comfortable', 'compact'] as const;

export type Theme = (typeof themes)[number];
export type Density = (typeof densities)[number];

function oneOf<Value extends string>(values: readonly Value[], name: string, fallback: Value): Value {
  const stored = recall(name);
  return values.find((value) => value === stored) ?? fallback;
}

const chosen = $state({
  theme: oneOf(themes, 'theme', 'system'),
  time: oneOf(timeStyles, 'time', 'local'),
  density: oneOf(densities, 'density', 'comfortable'),
  shortcuts: recall('shortcuts') !== 'off',
});

function apply(): void {
  const root = document.documentElement;
  if (chosen.theme === 'system') delete root.dataset.theme;
  else root.dataset.theme = chosen.theme;
  root.dataset.density = chosen.density;
}

export const preferences = {
  get theme(): Theme {
    return chosen.theme;
  },
  set theme(value: Theme) {
    chosen.theme = value;
    remember('theme', value);
    apply();
  },
  get time(): TimeStyle {
    return chosen.time;
  },
  set time(value: TimeStyle) {
    chosen.time = value;
    remember('time', value);
  },
  get density(): Density {
    return chosen.density;
  },
  set density(value: Density) {
    chosen.density = value;
    remember('density', value);
    apply();
  },
  get shortcuts(): boolean {
    return chosen.shortcuts;
  },
  set shortcuts(value: boolean) {
    chosen.shortcuts = value;
    remember('shortcuts', value ? 'on' : 'off');
  },
};

/** Puts the remembered theme and density on the page; called once, before the first paint. */
export const applyPreferences = apply;
