// kafkajs 2.2.4 keeps a timer of about 1 ms alive on every connection that has once sent a request: with nothing pending,
// RequestQueue.scheduleCheckPendingRequests re-arms itself for ever (tulios/kafkajs#1556). A handful of idle connections then
// costs a noticeable part of a core. Nothing needs the timer while nothing is pending: new requests are either sent at once
// or pushed to `pending`, and both paths call the method again. So it returns early. Once per process, in this place only.
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

const { scheduleCheckPendingRequests: schedule } = RequestQueue.prototype;

RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleOnlyWhenPending(
  this: RequestQueue,
): void {
  if (this.pending.length > 0) schedule.call(this);
};
