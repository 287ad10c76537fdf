import { startKafka } from './kafka/index.ts';
const b=await startKafka({dataDir:process.argv[2],port:0}); process.send(b.address);
process.on('message',async()=>{await b.stop(); process.exit(0)});
