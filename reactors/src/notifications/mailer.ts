// Sends one mail over SMTP and says what came of it: a value, not an exception, since the caller has to do something about each.
// `unreachable` is only said when the mail was certainly not handed over (no connection, no session): trying again costs nothing.
// Whatever fails later may have been delivered, and counts as an attempt.
import { createTransport } from 'nodemailer';

/** A mail to one person. */
export interface Mail {
  /** One mail address; it is never read as a list. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly language: string;
  /** Same for every attempt, so that a receiver can tell a repetition: RFC 5322 §3.6.4, without the angle brackets. */
  readonly messageId: string;
  /** Same for every attempt: epoch ms. */
  readonly date: number;
}

export type MailOutcome =
  | { readonly kind: 'sent' }
  /** The server refused this mail for good (5xx), or it cannot be written as a mail. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Not now (4xx), or nobody knows whether it was taken. */
  | { readonly kind: 'deferred'; readonly reason: string }
  /** No mail can be sent at the moment, this one or another. */
  | { readonly kind: 'unreachable'; readonly reason: string };

export interface Mailer {
  /** Never throws. @param signal - gives up: the outcome is then `deferred` */
  send(mail: Mail, signal?: AbortSignal): Promise<MailOutcome>;
  close(): void;
}

export interface MailerOptions {
  /** `smtp://user:password@host:port` or `smtps://…`, with nodemailer's options in the query. */
  readonly url: string;
  /** Sender: `Comptoir <shop@comptoir.example>`. */
  readonly from: string;
  /** The longest that one mail may take: ms. Shorter than the lease of the outbox. */
  readonly sendTimeout?: number;
  /** The longest wait for a connection and its greeting: ms. */
  readonly connectTimeout?: number;
}

/** Opens nothing yet: connections are made, kept and replaced as mails are sent. */
export function createMailer(options: MailerOptions): Mailer {
  const { url, from, sendTimeout = 25_000, connectTimeout = 10_000 } = options;
  const transport = createTransport(
    {
      url,
      pool: true,
      maxConnections: 4,
      connectionTimeout: connectTimeout,
      greetingTimeout: connectTimeout,
      socketTimeout: 20_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from },
  );
  return {
    async send({ to, subject, text, language, messageId, date }, signal) {
      const deadline = AbortSignal.timeout(sendTimeout);
      try {
        await transport.sendMail({
          to: { name: '', address: to },
          subject,
          text,
          messageId: `<${messageId}>`,
          date: new Date(date),
          // RFC 3834: nobody's holiday notice answers a machine.
          headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': language },
          signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
        });
        return { kind: 'sent' };
      } catch (error) {
        return toOutcome(error);
      }
    },
    close() {
      transport.close();
    },
  };
}

/** Commands of a mail's own dialogue: what is answered to them is about the mail. */
const mailCommands = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);
/** What happens before there is a session in which a mail could be handed over. */
const sessionErrors = new Set(['EDNS', 'ETLS', 'EAUTH', 'ENOAUTH', 'EOAUTH2', 'EPROXY', 'ECONFIG']);
const sessionTimeouts = new Set(['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT']);
const networkErrors = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
]);

/** What an error of nodemailer says (its `NodemailerError`). */
export function toOutcome(error: unknown): Exclude<MailOutcome, { kind: 'sent' }> {
  if (!(error instanceof Error)) return { kind: 'deferred', reason: String(error) };
  const reason = error.message;
  const field = (name: string): string => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const code = field('code');
  const answered = field('responseCode') !== '';
  if (mailCommands.has(field('command')) && answered) {
    return { kind: Reflect.get(error, 'permanent') === true ? 'refused' : 'deferred', reason };
  }
  // Refused by nodemailer itself: no valid address, larger than the server takes.
  if (!answered && (code === 'EENVELOPE' || code === 'EMESSAGE')) return { kind: 'refused', reason };
  // A server that answers, but to the greeting or the login: it takes no mail from us at all.
  if (answered || sessionErrors.has(code)) return { kind: 'unreachable', reason };
  if (sessionTimeouts.has(field('timeoutType'))) return { kind: 'unreachable', reason };
  if (networkErrors.has(field('originalCode')) || networkErrors.has(code))
    return { kind: 'unreachable', reason };
  return { kind: 'deferred', reason };
}
