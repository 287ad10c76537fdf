// A process that appends to the log in a folder until it is killed, and tells its parent up to where the log is on the disk.
import { PartitionLog } from './partition-log.ts';
import { batchOf, mustAppend, testConfig } from './testing.ts';

const [directory = ''] = process.argv.slice(2);
const log = await PartitionLog.open({ directory, config: { ...testConfig, segmentBytes: 20_000 } });
for (;;) {
  const appended = Array.from({ length: 5 }, () =>
    mustAppend(log, batchOf([`k${String(log.logEndOffset)}=1`])),
  );
  await Promise.all(appended.map(({ synced }) => synced));
  process.send?.(log.highWatermark);
}
