import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Cli } from '../../../providers/cli/run-cli.ts';
import type { ListContext, ResourceLister } from '../../../providers/listing/lister.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { startOvhForm, type OvhFormOnSandbox } from '../provider.ovh.forms.ts';
import { thrown } from '../thrown.ts';
import { startOvhOnSandbox, type OvhOnSandbox } from '../provider.ovh.on-sandbox.ts';
import { contextAt, listedBy, listedIn, listerWith, startCli, testProgram, noProgram } from './lister-harness.ts';

let cli: Cli;
let program: string;
let signIn: OvhOnSandbox;
let keys: OvhFormOnSandbox;
let service: OvhFormOnSandbox;
beforeAll(async () => {
  cli = startCli();
  program = await testProgram();
  signIn = await startOvhOnSandbox();
  keys = await startOvhForm('api_credentials');
  service = await startOvhForm('client_credentials');
});
beforeEach(async () => {
  for (const { cloud } of [signIn, keys, service]) await cloud.reset();
});
afterAll(async () => {
  cli.close();
  for (const each of [signIn, keys, service]) await each.close();
});

interface Connected {
  readonly ovh: OvhOnSandbox | OvhFormOnSandbox;
  readonly record: JsonObject;
}

/** Connects an account by a form method; returns its record. */
async function connected(ovh: OvhFormOnSandbox, method: string, submitted: JsonObject): Promise<Connected> {
  const record = await ovh.prepared(submitted);
  const { issued } = await ovh.method.prove(ovh.holding(record));
  return { ovh, record: { ...record, ...issued?.fields.reveal(), auth_method: method } };
}

const ways: readonly (readonly [string, () => Promise<Connected>])[] = [
  [
    'a sign-in',
    async () => {
      const context = await signIn.connect();
      return { ovh: signIn, record: { ...context.record.reveal(), auth_method: 'authorization_code' } };
    },
  ],
  ['API credentials', async () => await connected(keys, 'api_credentials', await keys.keys())],
  [
    'a service account',
    async () => {
      const projects = (await service.cloud.ovh.projects()).map(({ id }) => id).join(',');
      return await connected(service, 'client_credentials', { ...(await service.keys()), project_ids: projects });
    },
  ],
];

describe.each(['cli', 'rest'] as const)('listed by %s', (source) => {
  let lister: ResourceLister;
  beforeAll(() => {
    lister = listerWith({ cli, program: source === 'cli' ? program : noProgram });
  });
  const contextOf = ({ ovh, record }: Connected): ListContext =>
    contextAt(ovh.environment['OVH_EU_API_URL'] ?? '', record);

  test.each(ways)('every project and its instances are listed with %s', async (_way, connect) => {
    const found = await connect();
    const expected = await found.ovh.cloud.ovh.projects();
    const listing = listedIn(await lister.listProjects(contextOf(found)));
    expect(listing).toMatchObject({ source, complete: true });
    expect(listing.rows.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
    for (const { id, sizes } of expected) {
      const instances = await listedBy(lister, contextOf(found), 'instance', id);
      expect(instances).toMatchObject({ source, complete: true });
      expect(instances.rows).toHaveLength(sizes.instance ?? 0);
    }
  });

  test('the dedicated servers of the account are listed with API credentials, also with another clock at OVHcloud', async () => {
    await keys.cloud.change({ ovh: { apiClockAheadSeconds: 900 } });
    const found = await connected(keys, 'api_credentials', await keys.keys());
    const { rows } = await listedBy(lister, contextOf(found), 'dedicated_server', null);
    const [ada] = await keys.cloud.ovh.inventory();
    expect(rows).toHaveLength(ada?.sizes.server ?? 0);
  });

  test('a service account for one project lists only that one, and an error names the permission it lacks', async () => {
    const [first] = await service.cloud.ovh.projects();
    const submitted = { ...(await service.keys()), project_ids: first?.id ?? '' };
    const found = await connected(service, 'client_credentials', submitted);
    const { rows } = listedIn(await lister.listProjects(contextOf(found)));
    expect(rows.map(({ id }) => id)).toEqual([first?.id]);
    const { failure } = await listedBy(lister, contextOf(found), 'dedicated_server', null);
    expect(failure).toMatchObject({
      class: 'user',
      problem: { code: 'list_denied' },
      denied: { action: 'dedicatedServer:apiovh:get' },
    });
    expect(failure?.problem.remedy).toContain('dedicatedServer:apiovh:get');
  });

  test('withdrawn API credentials are reported as revoked, never as an empty account', async () => {
    const found = await connected(keys, 'api_credentials', await keys.keys());
    await keys.cloud.ovh.deleteConsumerKey(found.record['consumer_key'] as string);
    expect(await thrown(lister.listProjects(contextOf(found)))).toMatchObject({
      class: 'revoked',
      problem: { code: 'credential_rejected' },
    });
  });
});
