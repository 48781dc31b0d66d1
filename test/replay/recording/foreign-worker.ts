import { NativeConnection, Worker } from '@temporalio/worker';
import { whenOrphaned } from '../../../scripts/bootstrap/orphaned.mjs';
import { createDataConverter } from '../../../platform/temporal/data-converter.ts';
import { taskQueues } from '../../../contracts/ids.ts';
import { recordingKeyRing } from '../recording-keys.ts';

/** A worker of a bundle that is not ours, as a process that can be killed: `foreign-worker.ts <address> <bundle>`. */
const [address = '', codePath = ''] = process.argv.slice(2);
whenOrphaned(() => process.exit(1));
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  taskQueue: taskQueues.workflows,
  workflowBundle: { codePath },
  dataConverter: createDataConverter(recordingKeyRing, true),
});
const running = worker.run();
process.stdout.write('polling\n');
await running;
