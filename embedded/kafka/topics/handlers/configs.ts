// DescribeConfigs, AlterConfigs and IncrementalAlterConfigs (KIP-339): the settings of topics, and those of the broker to look at.
import { errorCodes, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import type { Handlers } from '../../protocol/handler.ts';
import type { IncrementalAlterConfigsRequest } from '../../protocol/messages/incremental-alter-configs.ts';
import type { TopicRegistry } from '../registry.ts';
import { listValue, settingsRefusal, topicSettings } from '../settings.ts';
import { brokerEntries } from './broker-settings.ts';
import { topicEntries, type ConfigEntry } from './config-entries.ts';
import type { Endpoint } from './options.ts';

/** org.apache.kafka.common.config.ConfigResource.Type */
const resourceTypes = { topic: 2, broker: 4 };

/** org.apache.kafka.clients.admin.AlterConfigOp.OpType */
const operations = { set: 0, delete: 1, append: 2, subtract: 3 };

type Change = IncrementalAlterConfigsRequest['resources'][number]['configs'][number];

interface Resource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** The handlers of the three APIs of settings. */
export function configHandlers(
  topics: TopicRegistry,
  endpoint: () => Endpoint,
): Pick<Handlers, 'describeConfigs' | 'alterConfigs' | 'incrementalAlterConfigs'> {
  function entriesOf({ resourceType, resourceName }: Resource): ConfigEntry[] {
    if (resourceType === resourceTypes.topic) return topicEntries(settingsOf(resourceName));
    if (resourceType !== resourceTypes.broker) throw unsupported(resourceType);
    const broker = endpoint();
    // The empty name stands for the settings of all brokers together, of which there are none.
    if (resourceName === '') return [];
    if (resourceName === String(broker.nodeId)) return brokerEntries(broker);
    throw new ProtocolError(
      errorCodes.INVALID_REQUEST,
      `Unexpected broker id, expected ${String(broker.nodeId)} or empty string, but received ${resourceName}`,
    );
  }

  function settingsOf(name: string): ReadonlyMap<string, string> {
    topics.checkName(name);
    const topic = topics.get(name);
    if (topic === undefined) throw new ProtocolError(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
    return topic.settings;
  }

  async function alter(
    resource: Resource,
    validateOnly: boolean,
    change: (settings: ReadonlyMap<string, string>) => ReadonlyMap<string, string>,
  ) {
    const { resourceType, resourceName } = resource;
    return await answered(resource, async () => {
      if (resourceType === resourceTypes.broker) {
        throw new ProtocolError(errorCodes.INVALID_REQUEST, 'The settings of this broker cannot be changed.');
      }
      if (resourceType !== resourceTypes.topic) throw unsupported(resourceType);
      const refusal = settingsRefusal(change(settingsOf(resourceName)));
      if (refusal !== undefined) throw new ProtocolError(errorCodes.INVALID_CONFIG, refusal);
      if (!validateOnly) await topics.configure(resourceName, change);
    });
  }

  return {
    describeConfigs(request) {
      return {
        results: request.resources.map((resource) => {
          const { resourceType, resourceName, configurationKeys: keys } = resource;
          const wanted = (name: string) => keys === null || keys.length === 0 || keys.includes(name);
          const shown = (entry: ConfigEntry) =>
            request.includeSynonyms ? entry : { ...entry, synonyms: [] };
          try {
            const configs = entriesOf(resource)
              .filter(({ name }) => wanted(name))
              .map(shown);
            return { errorCode: errorCodes.NONE, errorMessage: null, resourceType, resourceName, configs };
          } catch (error) {
            return { ...failed(error), resourceType, resourceName, configs: [] };
          }
        }),
      };
    },

    async alterConfigs({ resources, validateOnly }) {
      const responses = resources.map((resource) =>
        alter(resource, validateOnly, () => {
          const settings = new Map<string, string>();
          for (const { name, value } of resource.configs) settings.set(name, required(name, value));
          return settings;
        }),
      );
      return { responses: await Promise.all(responses) };
    },

    async incrementalAlterConfigs({ resources, validateOnly }) {
      const responses = resources.map((resource) =>
        alter(resource, validateOnly, (settings) => changed(settings, resource.configs)),
      );
      return { responses: await Promise.all(responses) };
    },
  };
}

async function answered({ resourceType, resourceName }: Resource, action: () => Promise<void>) {
  try {
    await action();
    return { errorCode: errorCodes.NONE, errorMessage: null, resourceType, resourceName };
  } catch (error) {
    return { ...failed(error), resourceType, resourceName };
  }
}

function failed(error: unknown): { errorCode: ErrorCode; errorMessage: string } {
  if (error instanceof ProtocolError) return { errorCode: error.code, errorMessage: error.message };
  throw error;
}

const unsupported = (resourceType: number): ProtocolError =>
  new ProtocolError(errorCodes.INVALID_REQUEST, `Unsupported resource type: ${String(resourceType)}`);

function required(name: string, value: string | null): string {
  if (value === null)
    throw new ProtocolError(errorCodes.INVALID_REQUEST, `Null value not supported for : ${name}`);
  return value;
}

function changed(settings: ReadonlyMap<string, string>, changes: readonly Change[]): Map<string, string> {
  const result = new Map(settings);
  const seen = new Set<string>();
  for (const { name, configOperation, value } of changes) {
    if (seen.has(name)) {
      throw new ProtocolError(errorCodes.INVALID_REQUEST, `Error due to duplicate config keys: ${name}`);
    }
    seen.add(name);
    switch (configOperation) {
      case operations.set:
        result.set(name, required(name, value));
        break;
      case operations.delete:
        result.delete(name);
        break;
      case operations.append:
      case operations.subtract: {
        const setting = topicSettings.get(name);
        if (setting?.type !== 'list') {
          throw new ProtocolError(
            errorCodes.INVALID_CONFIG,
            `Config value append is not allowed for config key: ${name}`,
          );
        }
        const items = listValue(result.get(name) ?? setting.default);
        const given = listValue(required(name, value));
        const kept = items.filter((item) => !given.includes(item));
        result.set(name, (configOperation === operations.append ? [...kept, ...given] : kept).join(','));
        break;
      }
      default:
        throw new ProtocolError(
          errorCodes.INVALID_REQUEST,
          `Unknown operation ${String(configOperation)} on ${name}`,
        );
    }
  }
  return result;
}
