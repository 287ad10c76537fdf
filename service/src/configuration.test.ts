import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  configuration,
  count,
  eventLogVariables,
  mongoVariables,
  port,
  serviceVariables,
} from './configuration.ts';

const schema = Type.Object({
  ...serviceVariables,
  ...eventLogVariables,
  ...mongoVariables,
  QUERY_API_PORT: port(3002, 'port of the query API'),
  PARTITIONS: count(12, 'partitions of a topic', { maximum: 1000 }),
  SMTP_URL: Type.Optional(Type.String({ pattern: '^smtps?://' })),
});

const servers = {
  KAFKA_BROKERS: 'a:9092,[::1]:9093',
  SCHEMA_REGISTRY_URL: 'http://registry:8081',
  MONGODB_URI: 'mongodb://one:1,two:2/comptoir',
};

const refusal = (env: Record<string, string>): string => {
  try {
    configuration(schema, env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  throw new Error('was accepted');
};

describe('configuration', () => {
  it('is typed, with lists split and defaults filled in', () => {
    const settings = configuration(schema, { ...servers, QUERY_API_PORT: '0', UNRELATED: 'x' });
    expect(settings).toEqual({
      KAFKA_BROKERS: ['a:9092', '[::1]:9093'],
      SCHEMA_REGISTRY_URL: 'http://registry:8081',
      MONGODB_URI: 'mongodb://one:1,two:2/comptoir',
      QUERY_API_PORT: 0,
      PARTITIONS: 12,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      RATE_LIMIT: 6_000_000,
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(configuration(schema, { ...servers, SMTP_URL: '', PARTITIONS: ' ' })).toMatchObject({
      PARTITIONS: 12,
    });
  });

  it('says which variable is not set and what it is for', () => {
    const { KAFKA_BROKERS, ...others } = servers;
    expect(KAFKA_BROKERS).toBeDefined();
    expect(refusal(others)).toBe(
      'KAFKA_BROKERS is not set (Kafka brokers as host:port, separated by commas).',
    );
  });

  it('says which value is wrong, all of them at once', () => {
    const message = refusal({ ...servers, QUERY_API_PORT: '70000', LOG_LEVEL: 'loud', PARTITIONS: 'many' });
    expect(message).toContain('QUERY_API_PORT="70000" must be <= 65535 (port of the query API).');
    expect(message).toContain(
      'LOG_LEVEL="loud" must be one of fatal, error, warn, info, debug, trace, silent',
    );
    expect(message).toContain('PARTITIONS="many" must be integer');
  });

  it('refuses a list of addresses without ports', () => {
    expect(refusal({ ...servers, KAFKA_BROKERS: 'a:9092,b' })).toContain(
      'KAFKA_BROKERS="a:9092,b" must match pattern',
    );
  });

  it('shows no password', () => {
    expect(refusal({ ...servers, MONGODB_URI: 'mongo://user:secret@host/db' })).not.toContain('secret');
  });
});
