import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../platform/json.ts';
import { ovhFailures } from '../../sandbox/client.ts';
import { thrown } from './thrown.ts';
import { startOvhForm, type OvhFormOnSandbox } from './provider.ovh.forms.ts';

let ovh: OvhFormOnSandbox;
beforeAll(async () => void (ovh = await startOvhForm('client_credentials')));
beforeEach(() => ovh.cloud.reset());
afterAll(() => ovh.close());

const prove = (fields: JsonObject) => ovh.method.prove(ovh.holding(fields));
const prepare = async (fields: JsonObject) => await ovh.method.prepare?.(ovh.holding(fields));

async function submission(more: JsonObject = {}): Promise<JsonObject> {
  const [first] = await ovh.cloud.ovh.projects();
  return { ...(await ovh.keys()), project_ids: first?.id ?? '', access: 'read', ...more };
}
/** How many service accounts and policies there are. */
async function left() {
  const { serviceAccounts, policies } = await ovh.cloud.ovh.iam();
  return [serviceAccounts.length, policies.length];
}

describe('a service account that Mooring makes', () => {
  test('a new service account may read what discovery needs in the chosen projects, and nothing else', async () => {
    const record = await ovh.prepared(await submission());
    const { serviceAccounts, policies } = await ovh.cloud.ovh.iam();
    const [account] = serviceAccounts;
    const [policy] = policies;
    expect(account?.name).toMatch(/^mooring-con_abcdefghijklmnopqrstuvwxyz-[0-9a-f]{8}$/);
    expect(policy).toMatchObject({
      name: account?.name,
      identities: [`urn:v1:eu:identity:credential:la12345-ovh/oauth2-${account?.clientId ?? ''}`],
      resources: [{ urn: `urn:v1:eu:resource:publicCloudProject:${(record['projects'] as string[])[0]}` }],
    });
    const actions = policy?.permissions.allow.map(({ action }) => action.replace('publicCloudProject:apiovh:', ''));
    expect(actions?.filter((action) => !/(^|\/)get$/.test(action))).toEqual([]);
    expect(actions).toEqual(
      expect.arrayContaining(['get', 'instance/get', 'kube/get', 'database/service/get', 'region/storage/get']),
    );
  });

  test('a service account for managing may also change instances, networks, volumes and clusters', async () => {
    await prepare(await submission({ access: 'manage' }));
    const { policies } = await ovh.cloud.ovh.iam();
    const wide = policies[0]?.permissions.allow.map(({ action }) => action).filter((action) => action.endsWith('*'));
    expect(wide).toEqual(
      ['instance', 'network', 'volume', 'kube'].map((kind) => `publicCloudProject:apiovh:${kind}/*`),
    );
  });

  test('a new service account works for every chosen project, whatever separates the ids', async () => {
    const ids = (await ovh.cloud.ovh.projects()).map(({ id }) => id);
    const record = await ovh.prepared(await submission({ project_ids: ` ${ids.join(' ,\n')}, ` }));
    expect(record['projects']).toEqual(ids);
    expect((await prove(record)).account.id).toBe('la12345-ovh');
    expect((await ovh.cloud.counters()).requests['cloud.project.detail']).toBe(ids.length);
  });

  test('the record of a new service account keeps none of the keys that made it', async () => {
    const made = await prepare(await submission());
    expect(made?.dropped).toEqual(['application_key', 'application_secret', 'consumer_key', 'project_ids', 'access']);
    expect(Object.keys(made?.fields.reveal() ?? {})).toEqual(['client_id', 'client_secret', 'made_at', 'projects']);
  });

  test.for(['*', 'urn:v1:eu:resource:publicCloudProject:*', 'abc', '0a1b2c3d4e5f60718293a4b5c6d7e8f9*'])(
    'no service account is made for "%s", which is no project id, and nothing is sent',
    async (id) => {
      expect(await thrown(ovh.prepared(await submission({ project_ids: id })))).toMatchObject({
        class: 'user',
        delivery: 'not_sent',
        problem: { code: 'project_invalid' },
      });
      expect(await left()).toEqual([0, 0]);
    },
  );
});

describe('when making a service account fails', () => {
  test('a refused policy is reported in OVHcloud’s words, and the new account is deleted again', async () => {
    await ovh.cloud.ovh.deny('la12345-ovh', ['account:apiovh:iam/policy/create']);
    const { problem, ...error } = await thrown(ovh.prepared(await submission()));
    expect(error.class).toBe('user');
    expect(problem.message).toMatch(/^IAM policy creation error\. /);
    expect(problem.message).toContain('User not granted for this request (account:apiovh:iam/policy/create)');
    expect(problem.message).toContain('was deleted again');
    expect(await left()).toEqual([0, 0]);
  });

  test('a project of another customer is reported in OVHcloud’s words, and the new account is deleted again', async () => {
    const [theirs] = await ovh.cloud.ovh.projects('ob67890-ovh');
    const { problem } = await thrown(ovh.prepared(await submission({ project_ids: theirs?.id ?? '' })));
    expect(problem.message).toContain('INVALID_RESOURCE_URN');
    expect(problem.remedy).toContain('project id');
    expect(await left()).toEqual([0, 0]);
  });

  test('keys that may not make a service account are refused, with the rights they need', async () => {
    const rules = [{ method: 'GET', path: '/*' }];
    const { problem, ...error } = await thrown(ovh.prepared({ ...(await submission()), ...(await ovh.keys(rules)) }));
    expect(error.class).toBe('user');
    expect(problem.code).toBe('service_account_not_allowed');
    expect(problem.message).toContain('This call has not been granted');
    expect(problem.remedy).toContain('/me/api/oauth2/client');
    expect(await left()).toEqual([0, 0]);
  });

  test('wrong keys are refused in the words that users know', async () => {
    const { problem } = await thrown(ovh.prepared(await submission({ consumer_key: 'not-one-of-these' })));
    expect(problem.message).toMatch(/^Invalid credentials\. Please check your consumer key and permissions\./);
  });

  test.for(['oauth2.client.create', 'iam.policy.create'])(
    'what was made is deleted at once where the response to %s is lost',
    async (endpoint) => {
      await ovh.cloud.fault({ endpoint }, { kind: 'drop_after' });
      expect(await thrown(ovh.prepared(await submission()))).toMatchObject({ class: 'transient', delivery: 'unknown' });
      expect(await left()).toEqual([0, 0]);
    },
  );

  test('an account that cannot be deleted again is named, and the next attempt removes it first', async () => {
    const submitted = await submission();
    await ovh.cloud.fault({ endpoint: 'iam.policy.create' }, ovhFailures.internal);
    // The first list request looks for leftovers, before anything is made.
    await ovh.cloud.fault({ endpoint: 'iam.policy.list' }, { kind: 'slow', ms: 0 });
    await ovh.cloud.fault({ endpoint: 'iam.policy.list' }, ovhFailures.internal);
    const { problem, ...error } = await thrown(ovh.prepared(submitted));
    expect(error.class).toBe('transient');
    expect(problem.remedy).toContain('mooring-con_abcdefghijklmnopqrstuvwxyz-');
    expect(await left()).toEqual([1, 0]);

    const record = await ovh.prepared(submitted);
    expect(await left()).toEqual([1, 1]);
    expect((await prove(record)).account.id).toBe('la12345-ovh');
  });

  test('a repeated preparation leaves exactly one service account and one policy', async () => {
    const submitted = await submission();
    await prepare(submitted);
    const record = await ovh.prepared(submitted);
    expect(await left()).toEqual([1, 1]);
    await expect(prove(record)).resolves.toBeDefined();
  });

  test('a failed re-authorization with other keys leaves the account that is in use alone', async () => {
    const inUse = await ovh.prepared(await submission());
    await thrown(ovh.prepared(await submission({ project_ids: '0'.repeat(32) })));
    await expect(prove(inUse)).resolves.toBeDefined();
  });

  test('discarding an unfinished submission removes the service account and policy that it made', async () => {
    const submitted = await submission();
    await prepare(submitted);
    expect(await ovh.method.revoke(ovh.holding(submitted))).toEqual({
      outcome: 'revoked',
      revoked: ['iam_policy', 'service_account'],
    });
    expect(await left()).toEqual([0, 0]);
    expect(await ovh.method.revoke(ovh.holding(submitted))).toEqual({ outcome: 'nothing_to_revoke' });
  });
});

describe('a policy that takes time to propagate', () => {
  test('a policy that is not effective yet is a transient error for some minutes, then a missing permission', async () => {
    await ovh.cloud.change({ ovh: { iamPropagationSeconds: 3600 } });
    const record = await ovh.prepared(await submission());
    ovh.clock.advance(4 * 60);
    const early = await thrown(prove(record));
    expect(early).toMatchObject({ class: 'transient', problem: { code: 'service_account_not_effective' } });
    expect(early.problem.message).toContain('User not granted for this request');
    ovh.clock.advance(2 * 60);
    const late = await thrown(prove(record));
    expect(late).toMatchObject({ class: 'user', problem: { code: 'permission_missing' } });
    expect(late.problem.message).toContain('publicCloudProject:apiovh:get');
  });

  test('a new service account is proven once its policy becomes effective', async () => {
    await ovh.cloud.change({ ovh: { iamPropagationSeconds: 60 } });
    const record = await ovh.prepared(await submission());
    expect(await thrown(prove(record))).toMatchObject({ class: 'transient' });
    ovh.clock.advance(60);
    await expect(prove(record)).resolves.toMatchObject({ account: { id: 'la12345-ovh' } });
  });

  test('a permission that is removed after a day is reported as missing', async () => {
    const record = await ovh.prepared(await submission());
    const { issued } = await prove(record);
    ovh.clock.advance(24 * 3600);
    await ovh.cloud.ovh.deny('la12345-ovh', ['publicCloudProject:apiovh:get']);
    const error = await thrown(prove({ ...record, ...issued?.fields.reveal() }));
    expect(error).toMatchObject({ class: 'user', problem: { code: 'permission_missing' } });
  });
});

test('a project that was deleted later is reported as project_not_found, not as a wrong address', async () => {
  const { id } = await ovh.cloud.ovh.addProject('la12345-ovh', { name: 'short-lived' });
  const record = await ovh.prepared(await submission({ project_ids: id }));
  const { issued } = await prove(record);
  await ovh.cloud.ovh.removeProject(id);
  const held = { ...record, ...issued?.fields.reveal() };
  expect(await thrown(prove(held)), 'a moment after it was made').toMatchObject({ class: 'transient' });
  ovh.clock.advance(24 * 3600);
  expect(await thrown(prove(held))).toMatchObject({ class: 'user', problem: { code: 'project_not_found' } });
});

describe('an existing service account', () => {
  async function existing(): Promise<JsonObject> {
    const { clientId, clientSecret } = await ovh.cloud.ovh.createServiceAccount();
    return { client_id: clientId, client_secret: clientSecret };
  }

  test('an existing service account is proven with its account, and gets an access token', async () => {
    const proof = await prove(await existing());
    expect(proof.account.id).toBe('la12345-ovh');
    expect(proof.issued).toMatchObject({ ttlSeconds: 3600, renewable: true, scopes: ['all'] });
    expect(proof.issued?.fields.reveal()).not.toHaveProperty('client_secret');
  });

  test('a client of the sign-in flow is refused as a service account', async () => {
    const signIn = {
      client_id: ovh.environment['OVH_EU_CLIENT_ID'] ?? '',
      client_secret: ovh.environment['OVH_EU_CLIENT_SECRET'] ?? '',
    };
    expect(await thrown(prove(signIn))).toMatchObject({
      class: 'user',
      problem: { code: 'service_account_wrong_flow' },
    });
  });

  test('a service account that is deleted while in use is class revoked, and an outage is not', async () => {
    const record = await existing();
    await ovh.cloud.fault({ endpoint: 'token.client_credentials' }, { kind: 'respond', status: 503 });
    expect(await thrown(ovh.method.refresh(ovh.holding(record)))).toMatchObject({ class: 'transient' });
    await ovh.cloud.ovh.deleteServiceAccount(record['client_id'] as string);
    expect(await thrown(ovh.method.refresh(ovh.holding(record)))).toMatchObject({
      class: 'revoked',
      problem: { code: 'service_account_rejected' },
    });
  });

  test('an existing service account loses its token at disconnect, and the note says how to delete the account', async () => {
    const record = await existing();
    const { issued } = await prove(record);
    const held = { ...record, ...issued?.fields.reveal() };
    const outcome = await ovh.method.revoke(ovh.holding(held));
    expect(outcome.outcome === 'unsupported' && outcome.note).toContain(
      `DELETE /me/api/oauth2/client/${record['client_id'] as string}`,
    );
    const bearer = { authorization: `Bearer ${held['access_token'] as string}` };
    const answer = await fetch(`${ovh.environment['OVH_EU_API_URL']}/auth/details`, { headers: bearer });
    expect(answer.status).toBe(403);
  });

  test('a service account that was deleted at the cloud counts as revoked', async () => {
    const record = await existing();
    const { issued } = await prove(record);
    await ovh.cloud.ovh.deleteServiceAccount(record['client_id'] as string);
    expect(await ovh.method.revoke(ovh.holding({ ...record, ...issued?.fields.reveal() }))).toEqual({
      outcome: 'revoked',
      revoked: ['access_token', 'service_account'],
    });
  });
});
