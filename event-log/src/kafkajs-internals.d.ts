// The one internal of kafkajs that we touch (idle-timers.ts), typed as far as we touch it.
declare module 'kafkajs/src/network/requestQueue/index.js' {
  interface InflightRequest {
    readonly sentAt: number;
    readonly requestTimeout: number;
    timeoutRequest(): void;
  }
  export default class RequestQueue {
    readonly pending: readonly unknown[];
    readonly inflight: ReadonlyMap<number, InflightRequest>;
    readonly enforceRequestTimeout: boolean;
    isConnected(): boolean;
    destroy: (this: RequestQueue) => void;
    scheduleCheckPendingRequests: (this: RequestQueue) => void;
    scheduleRequestTimeoutCheck: (this: RequestQueue) => void;
  }
}
