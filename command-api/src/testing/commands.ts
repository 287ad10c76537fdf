// Commands for tests, as they reach the writer.
import { submittedCommand, type CommandContext } from '../commands.ts';
import type { SubmittedCommand } from '../writer/command.ts';

export const clock = Date.parse('2026-01-02T03:04:05Z');

const context = (commandId: string, rest: Partial<CommandContext> = {}): CommandContext => ({
  commandId,
  expectedVersion: undefined,
  correlationId: undefined,
  causationId: undefined,
  actor: 'tester',
  traceparent: undefined,
  ...rest,
});

export const registerItem = (commandId: string, sku = 'tea', onHand = 100): SubmittedCommand =>
  submittedCommand(
    'RegisterStockItem',
    sku,
    { name: sku, unitPrice: 450, currency: 'EUR', onHand, lowStockThreshold: 0 },
    clock,
    context(commandId),
  );

export const adjustStock = (
  commandId: string,
  delta: number,
  sku = 'tea',
  rest: Partial<CommandContext> = {},
): SubmittedCommand =>
  submittedCommand('AdjustStock', sku, { delta, reason: 'received' }, clock, context(commandId, rest));

export const placeOrder = (
  commandId: string,
  orderId: string,
  rest: Partial<CommandContext> = {},
): SubmittedCommand =>
  submittedCommand(
    'PlaceOrder',
    orderId,
    {
      customer: { id: 'c-1', name: 'Ann', email: 'ann@example.org' },
      currency: 'EUR',
      lines: [{ sku: 'tea', quantity: 1, unitPrice: 450 }],
    },
    clock,
    context(commandId, rest),
  );

export const recordReservation = (commandId: string, orderId: string): SubmittedCommand =>
  submittedCommand('RecordReservation', orderId, { sku: 'tea', quantity: 1 }, clock, context(commandId));
