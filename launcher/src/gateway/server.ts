// The gateway as a process: reads the environment, listens.
import { configuration, httpUrl, port, run, serve, serviceVariables } from '@comptoir/service';
import { Type } from 'typebox';
import { panelFolder } from '../panel-build.ts';
import { createGateway } from './app.ts';

await run('gateway', async (logger) => {
  const config = configuration(
    Type.Object({
      ...serviceVariables,
      PORT: port(8080, 'the one public address: panel and both APIs'),
      COMMAND_API_URL: httpUrl('address of the command API', 'http://127.0.0.1:3001'),
      QUERY_API_URL: httpUrl('address of the query API', 'http://127.0.0.1:3002'),
    }),
  );
  const app = await createGateway({
    panelDir: panelFolder,
    commandApiUrl: config.COMMAND_API_URL,
    queryApiUrl: config.QUERY_API_URL,
    logger,
  });
  await serve({ app, host: config.HOST, port: config.PORT, portVariable: 'PORT', logger });
});
