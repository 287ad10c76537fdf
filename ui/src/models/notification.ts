// The states of a notification and what they mean. `recorded`: no mail server is configured, so it was only written down.

import type { NotificationStatus } from '../services/contract.ts';
import type { Tone } from './order.ts';

export const notificationStatuses: readonly NotificationStatus[] = ['queued', 'sent', 'failed', 'recorded'];

const tones: Record<NotificationStatus, Tone> = {
  queued: 'waiting',
  sent: 'ok',
  failed: 'failed',
  recorded: 'ended',
};

/** The meaning of a notification’s state, for its sign. */
export const notificationTone = (status: NotificationStatus): Tone => tones[status];
