// kafkajs 2.2.4 lets an idle connection wake the process up to a thousand times a second. A service has a dozen of them, and would take a
// noticeable part of a core for nothing. Three methods of its request queue are replaced, once per process, in this place only.
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

/** How often requests under way are looked at for being too late, ms; kafkajs itself does so every 100. Ours have 30 s. */
const checkInterval = 1_000;

const { scheduleCheckPendingRequests: schedule, destroy } = RequestQueue.prototype;

// With nothing pending it re-arms itself for ever (tulios/kafkajs#1556). Nothing needs the timer then: new requests are either sent at once
// or pushed to `pending`, and both paths call the method again.
RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleOnlyWhenPending(
  this: RequestQueue,
): void {
  if (this.pending.length > 0) schedule.call(this);
};

/** Queues of connections that are open. */
const watched = new Set<RequestQueue>();
let watching: NodeJS.Timeout | undefined;

function unwatch(queue: RequestQueue): void {
  watched.delete(queue);
  if (watched.size > 0) return;
  clearInterval(watching);
  watching = undefined;
}

function look(queue: RequestQueue): void {
  for (const request of queue.inflight.values())
    if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest();
  if (!queue.isConnected()) unwatch(queue);
}

// One timer for all connections.
RequestQueue.prototype.scheduleRequestTimeoutCheck = function watchWithTheOthers(this: RequestQueue): void {
  if (!this.enforceRequestTimeout) return;
  watched.add(this);
  watching ??= setInterval(() => {
    watched.forEach(look);
  }, checkInterval);
};

RequestQueue.prototype.destroy = function unwatchAndDestroy(this: RequestQueue): void {
  unwatch(this);
  destroy.call(this);
};
