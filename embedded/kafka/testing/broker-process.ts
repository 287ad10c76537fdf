// A broker in a process of its own, so that a test can kill it: `node broker-process.ts <data folder> <port>` prints its address.
import { startKafka } from '../index.ts';

const [, , dataDir = '', port = '0'] = process.argv;
const { address } = await startKafka({ dataDir, port: Number(port) });
console.log(address);
