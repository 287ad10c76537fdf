// The queue of mails in memory for tests: the same rules as the collection's, without a server.
import type { ClaimedNotification, Queue } from '../notifications/outbox.ts';

export interface QueuedMail {
  readonly id: string;
  status: 'queued' | 'sent' | 'failed';
  attempts: number;
  dueAt: number;
  claim: string | undefined;
  reason: string | undefined;
  readonly createdAt: number;
}

export class MemoryQueue implements Queue {
  readonly mails: QueuedMail[] = [];
  #claims = 0;

  add(id: string, createdAt: number): QueuedMail {
    const mail: QueuedMail = {
      id,
      status: 'queued',
      attempts: 0,
      dueAt: createdAt,
      claim: undefined,
      reason: undefined,
      createdAt,
    };
    this.mails.push(mail);
    return mail;
  }

  claim(now: number, leaseEnd: number): Promise<ClaimedNotification | undefined> {
    const due = this.mails.filter(({ status, dueAt }) => status === 'queued' && dueAt <= now);
    const [mail] = due.toSorted((a, b) => a.dueAt - b.dueAt);
    if (mail === undefined) return Promise.resolve(undefined);
    mail.attempts += 1;
    mail.dueAt = leaseEnd;
    mail.claim = `claim-${String((this.#claims += 1))}`;
    const { id, claim, attempts, createdAt } = mail;
    const content = { to: 'ada@example.org', subject: 'Subject', text: 'Text\n', language: 'en' };
    return Promise.resolve({ id, claim, attempts, createdAt, ...content });
  }

  markSent(claimed: ClaimedNotification): Promise<void> {
    return this.#update(claimed, { status: 'sent', reason: undefined });
  }

  markFailed(claimed: ClaimedNotification, reason: string): Promise<void> {
    return this.#update(claimed, { status: 'failed', reason });
  }

  postpone(claimed: ClaimedNotification, dueAt: number, reason: string, counted: boolean): Promise<void> {
    const attempts = counted ? claimed.attempts : claimed.attempts - 1;
    return this.#update(claimed, { dueAt, reason, attempts });
  }

  #update({ id, claim }: ClaimedNotification, change: Partial<QueuedMail>): Promise<void> {
    const mail = this.mails.find((each) => each.id === id && each.claim === claim);
    if (mail !== undefined) Object.assign(mail, { ...change, claim: undefined });
    return Promise.resolve();
  }
}
