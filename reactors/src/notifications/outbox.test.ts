import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { captureLog, type CapturedLog } from '../testing/captured-log.ts';
import { MailServer } from '../testing/mail-server.ts';
import { MemoryQueue } from '../testing/memory-queue.ts';
import { createMailer, type Mailer } from './mailer.ts';
import { createOutbox, type Outbox, type OutboxOptions } from './outbox.ts';

describe('the outbox', () => {
  let server: MailServer;
  let queue: MemoryQueue;
  let log: CapturedLog;
  let now: number;
  let outcomes: string[];
  let mailers: Mailer[];
  let outboxes: Outbox[];

  beforeEach(async () => {
    server = new MailServer();
    await server.listen();
    queue = new MemoryQueue();
    log = captureLog();
    now = 1_000_000;
    outcomes = [];
    mailers = [];
    outboxes = [];
  });
  afterEach(async () => {
    await Promise.all(outboxes.map((outbox) => outbox.stop(0)));
    for (const mailer of mailers) mailer.close();
    await server.close();
  });

  function outbox(options: Partial<OutboxOptions> = {}): Outbox {
    const mailer = createMailer({ url: server.url, from: 'shop@comptoir.example', sendTimeout: 500 });
    mailers.push(mailer);
    const created = createOutbox({
      queue,
      mailer,
      logger: log.logger,
      observer: (outcome) => outcomes.push(outcome),
      messageIdDomain: 'comptoir.example',
      pollInterval: 10,
      longestPause: 40,
      now: () => now,
      ...options,
    });
    outboxes.push(created);
    created.start();
    return created;
  }
  const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5_000, interval: 10 });

  it('sends every queued mail once and marks it sent', async () => {
    for (let n = 0; n < 30; n++) queue.add(`event-${String(n)}`, now);
    outbox();
    await until(() => {
      expect(queue.mails.every(({ status }) => status === 'sent')).toBe(true);
    });
    expect(server.mails).toHaveLength(30);
    expect(new Set(server.mails.map(({ headers }) => headers['message-id'])).size).toBe(30);
    expect(server.mails[0]?.headers['message-id']).toMatch(/^<event-\d+@comptoir\.example>$/);
  });

  it('shares the queue with other processes without doubling a mail', async () => {
    for (let n = 0; n < 40; n++) queue.add(`event-${String(n)}`, now);
    outbox();
    outbox();
    await until(() => {
      expect(queue.mails.every(({ status }) => status === 'sent')).toBe(true);
    });
    expect(server.mails).toHaveLength(40);
  });

  it('is woken by a new mail', async () => {
    const claims = vi.spyOn(queue, 'claim');
    const sleeper = outbox({ pollInterval: 600_000, concurrency: 1 });
    await until(() => {
      expect(claims).toHaveBeenCalledOnce();
    });
    const mail = queue.add('event-1', now);
    sleeper.wake();
    await until(() => {
      expect(mail.status).toBe('sent');
    });
  });

  it('gives up at once a mail that the server refuses for good, with the reason', async () => {
    server.onRecipient = () => ({ code: 550, message: 'No such mailbox' });
    const mail = queue.add('event-1', now);
    outbox();
    await until(() => {
      expect(mail.status).toBe('failed');
    });
    expect(mail.reason).toContain('550 No such mailbox');
    expect(mail.attempts).toBe(1);
  });

  it('puts off a mail that the server cannot take now, longer each time, and gives it up in the end', async () => {
    server.onRecipient = () => ({ code: 450, message: 'Mailbox busy' });
    const mail = queue.add('event-1', now);
    outbox({ maxAttempts: 3, firstWait: 1_000 });
    const attempted = (attempts: number): Promise<void> =>
      until(() => {
        expect(mail.attempts).toBe(attempts);
        expect(mail.claim).toBeUndefined();
      });
    await attempted(1);
    expect(mail).toMatchObject({ status: 'queued', dueAt: now + 1_000 });
    expect(mail.reason).toContain('450 Mailbox busy');
    now += 1_000;
    await attempted(2);
    expect(mail.dueAt).toBe(now + 4_000);
    now += 4_000;
    await attempted(3);
    expect(mail.status).toBe('failed');
  });

  it('sends a mail that was put off', async () => {
    server.onRecipient = () => ({ code: 450, message: 'Mailbox busy' });
    const mail = queue.add('event-1', now);
    outbox({ firstWait: 1_000 });
    await until(() => {
      expect(mail.reason).toContain('450');
    });
    server.onRecipient = undefined;
    now += 1_000;
    await until(() => {
      expect(mail.status).toBe('sent');
    });
    expect(mail.reason).toBeUndefined();
  });

  it('waits for a dead server, which costs no attempt, and sends when it is back', async () => {
    const port = Number(new URL(server.url).port);
    await server.close();
    const mail = queue.add('event-1', now);
    outbox();
    await until(() => {
      expect(outcomes.filter((outcome) => outcome === 'unreachable').length).toBeGreaterThan(3);
    });
    expect(mail).toMatchObject({ status: 'queued', attempts: 0 });
    expect(mail.reason).toContain('ECONNREFUSED');
    server = new MailServer();
    await server.listen(port);
    await until(() => {
      expect(mail.status).toBe('sent');
    });
    expect(server.mails).toHaveLength(1);
  });

  it('gives up a mail that has waited a day for a server', async () => {
    await server.close();
    const mail = queue.add('event-1', now);
    now += 25 * 3_600_000;
    outbox();
    await until(() => {
      expect(mail.status).toBe('failed');
    });
    expect(mail.reason).toContain('no mail server could be reached');
  });

  it('counts an attempt whose outcome nobody knows: a mail that may have been taken is not sent for ever', async () => {
    server.onMessage = () => 'hang';
    const mail = queue.add('event-1', now);
    outbox({ maxAttempts: 2, firstWait: 0 });
    await until(() => {
      expect(mail.status).toBe('failed');
    });
    expect(server.messages).toBe(2);
  });

  it('sends again, under the same Message-ID, what a crash left between sending and marking', async () => {
    const mail = queue.add('event-1', now);
    const claimed = await queue.claim(now, now + 60_000);
    expect(claimed?.attempts).toBe(1);
    outbox();
    now += 59_000;
    const later = queue.add('event-2', now);
    await until(() => {
      expect(later.status).toBe('sent');
    });
    expect(mail.status).toBe('queued');
    now += 1_000;
    await until(() => {
      expect(mail.status).toBe('sent');
    });
    expect(mail.attempts).toBe(2);
    expect(server.mails.at(-1)?.headers['message-id']).toBe('<event-1@comptoir.example>');
  });

  it('gives up a mail that crashed the process in every attempt', async () => {
    const mail = queue.add('event-1', now);
    mail.attempts = 5;
    outbox();
    await until(() => {
      expect(mail.status).toBe('failed');
    });
    expect(mail.reason).toContain('no known outcome');
    expect(server.mails).toHaveLength(0);
  });

  it('does not send a mail twice because it could not be marked at once', async () => {
    const mark = queue.markSent.bind(queue);
    let broken = 2;
    queue.markSent = (claimed) =>
      broken-- > 0 ? Promise.reject(new Error('MongoDB is away')) : mark(claimed);
    const mail = queue.add('event-1', now);
    outbox();
    await until(() => {
      expect(mail.status).toBe('sent');
    });
    expect(server.mails).toHaveLength(1);
  });

  it('goes on when the queue was away', async () => {
    const claim = queue.claim.bind(queue);
    let broken = 3;
    queue.claim = (at, end) => (broken-- > 0 ? Promise.reject(new Error('MongoDB is away')) : claim(at, end));
    const mail = queue.add('event-1', now);
    outbox();
    await until(() => {
      expect(mail.status).toBe('sent');
    });
  });

  it('finishes the mail in hand when it stops', async () => {
    const mail = queue.add('event-1', now);
    let stopped: Promise<void> | undefined;
    const stopping: Outbox = outbox({
      failpoint: () => {
        stopped ??= stopping.stop();
      },
    });
    await until(() => {
      expect(stopped).toBeDefined();
    });
    await stopped;
    expect(mail.status).toBe('sent');
  });
});
