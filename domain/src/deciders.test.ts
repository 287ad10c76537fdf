import type { Topic } from '@comptoir/schemas';
import { describe, expect, it } from 'vitest';
import { aggregateIdOf, commandTopics, isCommandType, isOrderCommand, type ShopCommand } from './commands.ts';
import type { Decision } from './decider.ts';
import { deciders, type CommandFor, type EventFor, type StateFor } from './deciders.ts';
import { refusalCodes } from './refusal.ts';

/** What the writer does with any command; it compiles without a cast. */
function handle<T extends Topic>(
  topic: T,
  command: CommandFor<T>,
  state: StateFor<T> = deciders[topic].initialState,
): { decision: Decision<EventFor<T>>; state: StateFor<T> } {
  const decision = deciders[topic].decide(command, state);
  if (decision.outcome === 'refused') return { decision, state };
  return { decision, state: decision.events.reduce(deciders[topic].evolve, state) };
}

const register: ShopCommand = {
  type: 'RegisterStockItem',
  data: { sku: 'lamp', name: 'Lamp', unitPrice: 1, currency: 'EUR', onHand: 1, lowStockThreshold: 0 },
  at: 7,
};
const deliver: ShopCommand = { type: 'DeliverOrder', data: { orderId: 'order-1' }, at: 7 };

describe('the deciders as one', () => {
  it('are found by their topic and take its commands', () => {
    expect(handle('stock', register).state).toMatchObject({ status: 'registered', onHand: 1 });
    expect(handle('orders', deliver).decision).toMatchObject({ outcome: 'refused' });
    for (const [topic, decider] of Object.entries(deciders)) expect(decider.topic).toBe(topic);
  });
  it('give the events of a decision the instant of its command', () => {
    expect(handle('stock', register).decision).toMatchObject({ events: [{ data: { registeredAt: 7 } }] });
  });
  it('know where a command goes', () => {
    expect([register, deliver].map(isOrderCommand)).toEqual([false, true]);
    expect([register, deliver].map(aggregateIdOf)).toEqual(['lamp', 'order-1']);
    expect(commandTopics.ShipReservation).toBe('stock');
  });
  it('know their commands by name', () => {
    expect(isCommandType('PlaceOrder')).toBe(true);
    expect(isCommandType('OrderPlaced')).toBe(false);
    expect(isCommandType('toString')).toBe(false);
  });
  it('refuse with codes in kebab-case', () => {
    for (const code of Object.keys(refusalCodes)) expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });
});
