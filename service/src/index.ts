export {
  ConfigurationError,
  addressList,
  configuration,
  count,
  eventLogVariables,
  httpUrl,
  milliseconds,
  mongoVariables,
  port,
  serviceVariables,
} from './configuration.ts';
export { failpoint } from './failpoint.ts';
export type { ReadinessCheck } from './health.ts';
export { createHttp, type HttpOptions } from './http.ts';
export type { Http } from './typed-fastify.ts';
export { createLogger, type Logger } from './logger.ts';
export { Counter, Gauge, Histogram, Registry, createMetrics } from './metrics.ts';
export { problemOf } from './failures.ts';
export {
  ProblemError,
  problem,
  problemDetails,
  problemResponses,
  problemSchema,
  type ProblemDetails,
  type ProblemOptions,
  type RequestError,
} from './problem.ts';
export { run, serve, type Closable, type ServeOptions } from './serve.ts';
export { requestErrors } from './validation.ts';
