// Sees to it that nothing outlives whoever started it, even when that one dies by SIGKILL. Runs as a process of its own, is told
// on standard input which processes run (`+123`) and which have ended (`-123`), and when its input ends it asks those that
// are left to stop (SIGTERM) and kills them after eight seconds.
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const stopWithin = 8_000;
const running = new Set<number>();

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    running.delete(pid);
    return false;
  }
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith('+')) running.add(pid);
  else running.delete(pid);
}
for (const pid of running) signal(pid, 'SIGTERM');
const deadline = Date.now() + stopWithin;
while (running.size > 0 && Date.now() < deadline) {
  await delay(100);
  for (const pid of running) signal(pid, 0);
}
for (const pid of running) signal(pid, 'SIGKILL');
