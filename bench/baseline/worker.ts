import { writeFile } from 'node:fs/promises';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createBareActivities } from './activities.ts';
import { bareCloud } from './cloud.ts';
import { bareQueue, type BareSettings } from './contract.ts';
import { createBareVault } from './vault.ts';

/**
 * The baseline as a process of its own, so that its CPU time can be measured apart. BARE_SETTINGS has where
 * everything is; BARE_READY names a file that is written once it polls.
 */
const settings = JSON.parse(process.env['BARE_SETTINGS'] ?? '{}') as BareSettings;

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
});
const connection = await NativeConnection.connect({ address: settings.temporal });
const worker = await Worker.create({
  connection,
  namespace: settings.namespace,
  taskQueue: bareQueue,
  workflowBundle: { codePath: settings.workflowBundle },
  activities: createBareActivities({
    vault: createBareVault(settings.vault, settings.mount, settings.vaultToken),
    cloud: bareCloud(process.env as Record<string, string>),
  }),
  maxConcurrentActivityTaskExecutions: 200,
  maxCachedWorkflows: 500,
});
const running = worker.run();
await writeFile(process.env['BARE_READY'] ?? '', '');
await running;
await connection.close();
