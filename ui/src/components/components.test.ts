import { cleanup, render, screen, within } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useLocale } from '../i18n/i18n.svelte.ts';
import { timelineOf } from '../models/timeline.ts';
import { RequestFailed } from '../services/http.ts';
import { deliverOrder } from '../services/commands.ts';
import { preferences } from '../state/preferences.svelte.ts';
import { journalEvent } from '../testing/journal-event.ts';
import CommandSteps from './CommandSteps.svelte';
import Instant from './Instant.svelte';
import ProblemNote from './ProblemNote.svelte';
import StatusBadge from './StatusBadge.svelte';
import Timeline from './Timeline.svelte';

beforeAll(async () => {
  await useLocale('en');
});

afterEach(() => {
  cleanup();
});

const run = {
  command: deliverOrder('o-1'),
  phase: 'sending',
  retries: 0,
  replayed: false,
  acceptedMs: undefined,
  position: undefined,
  events: [],
  visibleMs: undefined,
  problem: undefined,
} as const;

const spoken = (element: HTMLElement): string => element.textContent.replaceAll(/\s+/g, ' ').trim();

describe('the three steps', () => {
  it('claim nothing before it has happened', () => {
    render(CommandSteps, { run });
    expect(spoken(screen.getByRole('status'))).toBe('Sending… event visible');
  });

  it('name the position and the measured times', () => {
    const visible = {
      ...run,
      phase: 'visible',
      acceptedMs: 12,
      position: 'orders-3@1841',
      events: ['OrderDelivered'],
      visibleMs: 83,
    } as const;
    render(CommandSteps, { run: visible });
    expect(spoken(screen.getByRole('status'))).toBe(
      'Accepted 12 ms event at orders-3@1841 visible after 83 ms',
    );
    expect(screen.getByRole('link', { name: 'orders-3@1841' }).getAttribute('href')).toBe(
      '/events/orders/3/1841',
    );
  });

  it('say when a repeat changed nothing', () => {
    render(CommandSteps, { run: { ...run, phase: 'accepted', acceptedMs: 12, position: 'orders-3@1841' } });
    expect(spoken(screen.getByRole('status'))).toContain('no event: nothing changed');
  });

  it('say that the view is not there yet', () => {
    render(CommandSteps, {
      run: { ...run, phase: 'not-visible', acceptedMs: 12, position: 'orders-3@1841' },
    });
    expect(spoken(screen.getByRole('status'))).toContain('not visible yet');
  });
});

describe('a problem', () => {
  it('says what, why and what to do, with its correlation id', () => {
    const problem = {
      title: 'Refused',
      status: 422,
      code: 'wrong-amount',
      detail: 'It comes to 81 €.',
      correlationId: 'c-77',
    };
    render(ProblemNote, {
      error: new RequestFailed('x', { status: 422, problem }),
      what: 'Pay order: not done',
    });
    const note = within(screen.getByRole('alert'));
    expect(note.getByText('Pay order: not done')).toBeTruthy();
    expect(note.getByText('It comes to 81 €.')).toBeTruthy();
    expect(note.getByText(/present state does not allow/)).toBeTruthy();
    expect(note.getByText('c-77')).toBeTruthy();
  });
});

describe('a timeline', () => {
  it('nests reactions under their event', () => {
    const placed = journalEvent({ type: 'OrderPlaced' });
    const reserved = journalEvent({ type: 'StockReserved', topic: 'stock', causationId: placed.eventId });
    render(Timeline, { commands: timelineOf([placed, reserved]) });
    const reaction = screen.getByText('ReserveStock');
    expect(reaction.closest('ul')?.textContent).toContain('OrderPlaced');
  });
});

describe('small parts', () => {
  it('give a state a word beside its colour', () => {
    render(StatusBadge, { tone: 'refused', label: 'Rejected' });
    expect(screen.getByText('Rejected')).toBeTruthy();
  });

  it('write an instant as the reader wants it, and keep the exact one', () => {
    preferences.time = 'utc';
    render(Instant, { value: '2026-11-25T10:00:00.123Z' });
    const time = screen.getByText('Nov 25, 10:00:00 UTC');
    expect(time.getAttribute('datetime')).toBe('2026-11-25T10:00:00.123Z');
  });
});
