import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { KeyRing } from '../../platform/key-ring.ts';
import { createDataConverter } from '../../platform/temporal/data-converter.ts';
import { runReplay } from '../../scripts/replay/command.ts';
import { replaySample } from '../../scripts/replay/replay-sample.ts';
import { taskQueues, workflowTypes } from '../../contracts/ids.ts';
import { messages, type ConnectionInput } from '../../contracts/messages.ts';
import { searchAttributes } from '../../contracts/search-attributes.ts';
import { bundle, workflowBundle } from '../support/bundle.ts';
import { makeNamespace } from '../support/namespace.ts';
import { recordingKeyRing, recordingKeys } from './recording-keys.ts';

const address = inject('components').temporal?.address ?? '';
const root = join(import.meta.dirname, '../..');
const program = fileURLToPath(new URL('../../scripts/replay.ts', import.meta.url));
const ids = {
  waiting: 'con_waitingaaaaaaaaaaaaaaaaaaa',
  ended: 'con_endedaaaaaaaaaaaaaaaaaaaaa',
  unstarted: 'never-begun',
};

const statusKey = defineSearchAttributeKey(searchAttributes.status.name, 'KEYWORD');
const inputOf = (id: string): ConnectionInput => ({
  id,
  tenant: 'acme',
  provider: 'ovh',
  region: 'ovh-eu',
  method: 'authorization_code',
  name: null,
  tags: [],
  setup: {},
  discovery: null,
  invitation: { lifetimeSeconds: 3_600, passcodeRequired: false, confirm: false },
});

/** What the command prints, line by line, and its exit code. */
async function run(args: readonly string[], environment: Readonly<Record<string, string>>) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runReplay(args, environment, { out: (line) => out.push(line), err: (line) => err.push(line) });
  return { code, out, err };
}

describe.skipIf(address === '')('npm run replay, against a live namespace', { timeout: 60_000 }, () => {
  const dataConverter = createDataConverter(recordingKeyRing, 'required');
  let namespace: string;
  let connection: Connection;
  let nativeConnection: NativeConnection;
  let client: Client;
  const at = () => ['--address', address, '--namespace', namespace];

  beforeAll(async () => {
    namespace = await makeNamespace(address);
    connection = await Connection.connect({ address });
    nativeConnection = await NativeConnection.connect({ address });
    client = new Client({ connection, namespace, dataConverter });
    const worker = await Worker.create({
      connection: nativeConnection,
      namespace,
      dataConverter,
      taskQueue: taskQueues.workflows,
      workflowBundle: await workflowBundle(),
    });
    await worker.runUntil(async () => {
      for (const id of [ids.waiting, ids.ended]) {
        await client.workflow.start(workflowTypes.connection, {
          workflowId: id,
          taskQueue: taskQueues.workflows,
          args: [inputOf(id)],
          typedSearchAttributes: [{ key: statusKey, value: 'awaiting_customer' }],
        });
        await client.workflow.getHandle(id).query(messages.view);
      }
      await client.workflow.getHandle(ids.ended).terminate();
    });
    // No worker has started it.
    const options = { workflowId: ids.unstarted, taskQueue: taskQueues.workflows, args: [] };
    await client.workflow.start(workflowTypes.discarding, options);
  });

  afterAll(async () => {
    await connection.close();
    await nativeConnection.close();
  });

  test('npm run replay exits with 0 and prints the counts where the whole sample replays', async () => {
    const { code, out, err } = await run(at(), { MOORING_KEYS: recordingKeys });
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out).toEqual([
      'WORKFLOWS                     REPLAYED  FAILED',
      'connection awaiting_customer         1       0',
      'connection ended                     1       0',
    ]);
  });

  test('a replay reports the runs that a build cannot continue, each with the reason', async () => {
    const changed = await bundle(fileURLToPath(new URL('./changed.workflow.ts', import.meta.url)));
    const report = await replaySample({ client, dataConverter, code: { workflowBundle: changed }, sample: 5 });
    const described = await client.workflow.getHandle(ids.waiting).describe();
    expect(report.groups.map(({ failed }) => failed)).toEqual([1, 1]);
    expect(report.failures).toContainEqual({
      workflowId: ids.waiting,
      runId: described.runId,
      reason: expect.stringContaining('Nondeterminism') as string,
    });
  });

  test('a replay reports workflows of a type that the build has no code for', async () => {
    const changed = await bundle(fileURLToPath(new URL('./renamed.workflow.ts', import.meta.url)));
    const report = await replaySample({ client, dataConverter, code: { workflowBundle: changed }, sample: 5 });
    expect(report.failures.map(({ workflowId }) => workflowId).toSorted()).toEqual([ids.ended, ids.waiting]);
  });

  test('npm run replay exits with 1 and the reason where the key ring lacks a key', async () => {
    const { code, out } = await run(at(), { MOORING_KEYS: KeyRing.generate('another') });
    expect(code).toBe(1);
    expect(out.join('\n')).toContain(ids.waiting);
    expect(out.join('\n')).toContain('The key ring has no key "recordings-test-key"');
  });

  test.each([
    ['without a key ring', at, {}, 'MOORING_KEYS is not set'],
    ['without an address', () => [], { MOORING_KEYS: recordingKeys }, 'Say where Temporal is'],
    ['for a key as an argument', () => ['--keys', recordingKeys], {}, "Unknown option '--keys'"],
    ['for a sample of nothing', () => [...at(), '--sample', '0'], { MOORING_KEYS: recordingKeys }, '--sample takes'],
    [
      'for a namespace that does not exist',
      () => ['--address', address, '--namespace', 'none'],
      { MOORING_KEYS: recordingKeys },
      'none',
    ],
  ] as const)('npm run replay exits with 2 %s, and names the reason', async (_name, args, environment, sentence) => {
    const { code, err } = await run(args(), environment);
    expect(code).toBe(2);
    expect(err.join('\n')).toContain(sentence);
  });

  test('npm run replay only reads, and adds nothing to a history', async () => {
    const lengthOf = async (id: string) => (await client.workflow.getHandle(id).describe()).historyLength;
    const before = await lengthOf(ids.waiting);
    const flags = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];
    const environment = { ...process.env, MOORING_KEYS: recordingKeys, TEMPORAL_ADDRESS: address };
    const stdout = await new Promise<string>((resolve, reject) => {
      const args = [...flags, program, '--namespace', namespace, '--sample', '1'];
      execFile(process.execPath, args, { cwd: root, env: environment }, (error, out, err) =>
        error ? reject(new Error(`${error.message}\n${out}${err}`)) : resolve(out),
      );
    });
    expect(stdout).toContain('connection awaiting_customer         1       0');
    expect(await lengthOf(ids.waiting)).toBe(before);
  });
});
