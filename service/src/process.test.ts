// What only a process of its own can show: signals, exits, and the lines it prints.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const index = fileURLToPath(new URL('index.ts', import.meta.url));
const children: ReturnType<typeof script>[] = [];

function script(source: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', source], {
    env: { ...process.env, LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n').filter(Boolean)));
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
  return { child, lines, ended, errors: text(child.stderr) };
}

const start = (source: string, env?: Record<string, string>) => {
  const started = script(source, env);
  children.push(started);
  return started;
};

afterEach(async () => {
  for (const { child, ended } of children.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});

const service = (port: number, more = '') => `
  import { createHttp, run, serve } from ${JSON.stringify(index)};
  await run('sample', async (logger) => {
    const app = await createHttp({ name: 'sample', title: 'Sample', description: '', version: '1', logger, docs: false });
    ${more}
    await serve({ app, host: '127.0.0.1', port: ${String(port)}, portVariable: 'SAMPLE_PORT', logger, close: [
      { name: 'first', close: () => logger.info('first closed') },
      { name: 'second', close: () => { throw new Error('stuck'); } },
      { name: 'third', close: () => logger.info('third closed') },
    ] });
  });`;

const addressOf = async (lines: readonly string[]): Promise<string> => {
  await expect
    .poll(() => lines.find((line) => line.includes('"msg":"ready"')), { timeout: 10_000 })
    .toBeDefined();
  const ready = JSON.parse(lines.find((line) => line.includes('"msg":"ready"')) ?? '{}') as {
    address: string;
  };
  return ready.address;
};

describe('a service', () => {
  it.for(['SIGTERM', 'SIGINT'] as const)(
    'says where it is ready, and on %s closes in order and exits 0',
    async (signal) => {
      const { child, lines, ended } = start(service(0));
      const address = await addressOf(lines);
      expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect((await fetch(`${address}/health/live`)).status).toBe(200);
      child.kill(signal);
      child.kill(signal);
      expect(await ended).toEqual({ code: 0, signal: null });
      const told = lines
        .map((line): string => (JSON.parse(line) as { msg: string }).msg)
        .filter((message) => !message.startsWith('Server listening'));
      expect(told).toEqual([
        'ready',
        'stopping',
        'first closed',
        'closing second failed',
        'third closed',
        'stopped',
      ]);
    },
  );

  it('names the variable to set when its port is taken', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const held = holder.address();
    const port = typeof held === 'object' ? (held?.port ?? 0) : 0;
    const { lines, ended } = start(service(port));
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(lines.join('\n')).toContain(`127.0.0.1:${String(port)} is taken: set SAMPLE_PORT to another one.`);
    holder.close();
  });

  it('says why and exits 1 when nothing handles an error', async () => {
    const { lines, ended } = start(service(0, `setTimeout(() => { throw new Error('unforeseen'); }, 50);`));
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(lines.join('\n')).toContain('unforeseen');
  });
});

describe('a failpoint', () => {
  const passes = `
    import { failpoint } from ${JSON.stringify(index)};
    for (const pass of [1, 2, 3]) { console.log('pass ' + pass); failpoint('before-commit'); }`;

  it('kills the process at the pass that the environment names', async () => {
    const { lines, ended, errors } = start(passes, { FAILPOINT: 'before-commit@2' });
    expect(await ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(lines).toEqual(['pass 1', 'pass 2']);
    expect(await errors).toContain('failpoint before-commit reached');
  });

  it('does nothing when another is named, or none', async () => {
    for (const FAILPOINT of ['after-commit', '']) {
      const { lines, ended } = start(passes, { FAILPOINT });
      expect(await ended).toEqual({ code: 0, signal: null });
      expect(lines).toHaveLength(3);
    }
  });
});
