import { fork } from 'node:child_process'; import { once } from 'node:events'; import { Kafka } from 'kafkajs'; import { mkdtempSync, rmSync } from 'node:fs';
const what=process.argv[2]; const d=mkdtempSync('/root/k2-');
const c=fork('embedded/k2srv.mjs',[d],{execArgv:['--cpu-prof','--cpu-prof-dir=/root/k2prof','--cpu-prof-name='+what+'.cpuprofile']});
const [address]=await once(c,'message'); const k=new Kafka({brokers:[address],logLevel:0}); const a=k.admin(); await a.connect(); await a.createTopics({topics:[{topic:'t',numPartitions:12}]}); await a.disconnect();
const p=k.producer(what==='txn'?{transactionalId:'x',idempotent:true,maxInFlightRequests:1}:{}); await p.connect(); const value=Buffer.alloc(200,'v'); let n=0; const t=performance.now(); const msg=()=>({key:String(Math.random()),value});
const lanes=what==='single'?64:what==='batch'?4:1;
if(what==='consume'){ for(let i=0;i<150;i++) await p.send({topic:'t',messages:Array.from({length:2000},msg)}); const cpu0=process.cpuUsage(); const con=k.consumer({groupId:'g'}); await con.connect(); await con.subscribe({topic:'t',fromBeginning:true}); await new Promise(r=>con.run({eachBatch:async({batch})=>{n+=batch.messages.length; if(n>=300000)r()}})); await con.disconnect(); }
else await Promise.all(Array.from({length:lanes},async()=>{while(performance.now()-t<6000){ if(what==='txn'){const x=await p.transaction(); await x.send({topic:'t',messages:[msg()]}); await x.commit(); n++;} else if(what==='single'){await p.send({topic:'t',messages:[msg()]});n++} else {await p.send({topic:'t',messages:Array.from({length:500},msg)});n+=500} }}));
console.log(what, Math.round(n*1000/(performance.now()-t)),'/s');
await p.disconnect(); c.send('stop'); await once(c,'exit'); rmSync(d,{recursive:true});
