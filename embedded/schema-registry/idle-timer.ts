// kafkajs 2.2.4 re-arms a timer of 1 ms on every connection that has once sent a request, with nothing pending, and computes a
// negative delay for it, of which Node warns (tulios/kafkajs#1556). While nothing is pending it is not needed, so it is not set.
// The class is typed in event-log/src/kafkajs-internals.d.ts, which does the same for the services; done twice it does no harm.
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

const { scheduleCheckPendingRequests: schedule } = RequestQueue.prototype;

RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleWhenPending(this: RequestQueue): void {
  if (this.pending.length > 0) schedule.call(this);
};
