import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { MailServer } from '../testing/mail-server.ts';
import { createMailer, type Mail, type Mailer, type MailerOptions } from './mailer.ts';

const mail: Mail = {
  to: 'emilie@example.org',
  subject: 'Votre commande est confirmée',
  text: 'Bonjour Émilie,\n\nTotal\u00a0: 24,90\u00a0€.\n',
  language: 'fr',
  messageId: 'event-1@comptoir.example',
  date: Date.UTC(2026, 10, 25, 14, 5),
};

describe('the mailer', () => {
  const servers: MailServer[] = [];
  const mailers: Mailer[] = [];
  const sockets: Server[] = [];

  afterEach(async () => {
    for (const mailer of mailers.splice(0)) mailer.close();
    for (const server of servers.splice(0)) await server.close();
    for (const server of sockets.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  async function mailServer(): Promise<MailServer> {
    const server = new MailServer();
    servers.push(server);
    await server.listen();
    return server;
  }
  function mailerTo(url: string, options: Partial<MailerOptions> = {}): Mailer {
    const mailer = createMailer({ url, from: 'Comptoir <shop@comptoir.example>', ...options });
    mailers.push(mailer);
    return mailer;
  }

  it('sends a mail as it was written, with the Message-ID and the date it is given', async () => {
    const server = await mailServer();
    expect(await mailerTo(server.url).send(mail)).toEqual({ kind: 'sent' });
    const [received] = server.mails;
    expect(received).toMatchObject({
      from: 'shop@comptoir.example',
      to: ['emilie@example.org'],
      subject: mail.subject,
      text: mail.text,
    });
    expect(received?.headers).toMatchObject({
      'message-id': '<event-1@comptoir.example>',
      date: 'Wed, 25 Nov 2026 14:05:00 +0000',
      'auto-submitted': 'auto-generated',
      'content-language': 'fr',
    });
  });

  it('keeps its connection for the next mail', async () => {
    const server = await mailServer();
    const mailer = mailerTo(server.url);
    for (let n = 0; n < 5; n++) await mailer.send(mail);
    expect(server.mails).toHaveLength(5);
    expect(server.connections).toBe(1);
  });

  it('never reads an address as a list of addresses', async () => {
    const server = await mailServer();
    await mailerTo(server.url).send({ ...mail, to: 'ada@example.org, eve@example.org' });
    expect(server.mails.flatMap(({ to }) => to)).not.toContain('eve@example.org');
  });

  it('says that a mail is refused when the server answers 5xx, with its words', async () => {
    const server = await mailServer();
    server.onRecipient = () => ({ code: 550, message: 'No such mailbox' });
    expect(await mailerTo(server.url).send(mail)).toEqual({
      kind: 'refused',
      reason: expect.stringContaining('550 No such mailbox') as string,
    });
    server.onRecipient = undefined;
    server.onMessage = () => ({ code: 554, message: 'Looks like spam' });
    expect(await mailerTo(server.url).send(mail)).toMatchObject({ kind: 'refused' });
  });

  it('says that a mail is deferred when the server answers 4xx', async () => {
    const server = await mailServer();
    server.onRecipient = () => ({ code: 450, message: 'Mailbox busy' });
    expect(await mailerTo(server.url).send(mail)).toMatchObject({ kind: 'deferred' });
    server.onRecipient = undefined;
    server.onMessage = () => ({ code: 451, message: 'Try later' });
    expect(await mailerTo(server.url).send(mail)).toMatchObject({ kind: 'deferred' });
  });

  it('says that a mail is refused that has no valid recipient', async () => {
    const server = await mailServer();
    expect(await mailerTo(server.url).send({ ...mail, to: '' })).toMatchObject({ kind: 'refused' });
  });

  it('says that no server can be reached when nobody listens', async () => {
    const server = await mailServer();
    const { url } = server;
    await server.close();
    expect(await mailerTo(url).send(mail)).toMatchObject({ kind: 'unreachable' });
  });

  it('says that no server can be reached when the login fails', async () => {
    const server = await mailServer();
    const url = server.url.replace('smtp://', 'smtp://shop:wrong@');
    expect(await mailerTo(url).send(mail)).toMatchObject({ kind: 'unreachable' });
  });

  it('says that no server can be reached when the host has no address', async () => {
    expect(await mailerTo('smtp://mail.invalid:25').send(mail)).toMatchObject({ kind: 'unreachable' });
  });

  async function tcpServer(onConnection: (socket: Socket) => void): Promise<string> {
    const server = createServer(onConnection);
    sockets.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `smtp://127.0.0.1:${String(address.port)}`;
  }

  it('says that no server can be reached when something listens that does not greet', async () => {
    const url = await tcpServer((socket) => socket.on('error', () => undefined));
    expect(await mailerTo(url, { connectTimeout: 50 }).send(mail)).toMatchObject({ kind: 'unreachable' });
  });

  it('says that no server can be reached when the greeting is a refusal', async () => {
    const url = await tcpServer((socket) => socket.on('error', () => undefined).end('554 no mail today\r\n'));
    expect(await mailerTo(url).send(mail)).toMatchObject({ kind: 'unreachable' });
  });

  it('says that a mail is deferred, for it may have been taken, when the server hangs after the text', async () => {
    const server = await mailServer();
    server.onMessage = () => 'hang';
    expect(await mailerTo(server.url, { sendTimeout: 200 }).send(mail)).toMatchObject({ kind: 'deferred' });
    expect(server.mails).toHaveLength(0);
  });

  it('gives up when it is told to', async () => {
    const server = await mailServer();
    server.onMessage = () => 'hang';
    const stop = new AbortController();
    const sending = mailerTo(server.url).send(mail, stop.signal);
    stop.abort(new Error('the process stops'));
    expect(await sending).toMatchObject({ kind: 'deferred' });
  });
});
