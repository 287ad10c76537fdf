// All three servers as one process, for tests that kill it: `node server-process.ts <dataDir> <kafka port> <registry port> <mongodb port>`.
import { startKafka, startMongoDB, startSchemaRegistry } from '../index.ts';

const [dataDir = '', ...ports] = process.argv.slice(2);
const [kafkaPort = 0, registryPort = 0, mongodbPort = 0] = ports.map(Number);
const kafka = await startKafka({ dataDir, port: kafkaPort });
await startSchemaRegistry({ dataDir, port: registryPort, kafka: kafka.address });
await startMongoDB({ dataDir, port: mongodbPort });
console.log('ready');
