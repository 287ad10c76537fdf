// A real SMTP server for tests (smtp-server). A test decides its answers and reads the mails it took.
import { SMTPServer } from 'smtp-server';

/** An SMTP answer that is a refusal. */
export interface SmtpRefusal {
  readonly code: number;
  readonly message: string;
}

export interface ReceivedMail {
  readonly from: string;
  readonly to: string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly subject: string;
  readonly text: string;
}

export class MailServer {
  readonly mails: ReceivedMail[] = [];
  connections = 0;
  /** How many mails reached the end of their text, whatever was answered then. */
  messages = 0;
  onRecipient: ((address: string) => SmtpRefusal | undefined) | undefined;
  onMessage: ((message: number) => SmtpRefusal | 'hang' | undefined) | undefined;
  url = '';
  readonly #server: SMTPServer;

  constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      onConnect: (_session, callback) => {
        this.connections += 1;
        callback();
      },
      onAuth: (_auth, _session, callback) => {
        callback(refusal({ code: 535, message: 'Wrong password' }));
      },
      onRcptTo: ({ address }, _session, callback) => {
        const refused = this.onRecipient?.(address);
        callback(refused === undefined ? null : refusal(refused));
      },
      onData: (stream, { envelope }, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          this.messages += 1;
          const answer = this.onMessage?.(this.messages);
          if (answer === 'hang') return;
          if (answer !== undefined) {
            callback(refusal(answer));
            return;
          }
          const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
          this.mails.push(
            received(
              from,
              envelope.rcptTo.map(({ address }) => address),
              Buffer.concat(chunks).toString(),
            ),
          );
          callback();
        });
      },
    });
    // Clients that hang up are the point of some tests.
    this.#server.on('error', () => undefined);
  }

  /** @param port - the port to listen on: a free one unless said otherwise */
  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    const address = this.#server.server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    this.url = `smtp://127.0.0.1:${String(address.port)}`;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}

const refusal = ({ code, message }: SmtpRefusal): Error =>
  Object.assign(new Error(message), { responseCode: code });

/** Reads a mail of one text part, as ours are. */
function received(from: string, to: string[], source: string): ReceivedMail {
  const [head = '', ...body] = source.split('\r\n\r\n');
  const unfolded = head.replace(/\r\n[ \t]+/g, ' ');
  const headers = Object.fromEntries(
    unfolded.split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const encoded = body.join('\r\n\r\n');
  return {
    from,
    to,
    headers,
    subject: decodeWords(headers.subject ?? ''),
    text: decodeBody(encoded, headers),
  };
}

function decodeBody(encoded: string, headers: Readonly<Record<string, string>>): string {
  const text =
    headers['content-transfer-encoding'] === 'base64'
      ? Buffer.from(encoded, 'base64').toString()
      : headers['content-transfer-encoding'] === 'quoted-printable'
        ? decodeQuotedPrintable(encoded.replace(/=\r\n/g, ''))
        : encoded;
  return text.replaceAll('\r\n', '\n');
}

const decodeQuotedPrintable = (text: string): string =>
  Buffer.from(
    text.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString();

/** Encoded words, RFC 2047. */
const decodeWords = (text: string): string =>
  text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([QB])\?([^?]*)\?=/gi, (_, encoding: string, word: string) =>
      encoding.toUpperCase() === 'B'
        ? Buffer.from(word, 'base64').toString()
        : decodeQuotedPrintable(word.replaceAll('_', ' ')),
    );
