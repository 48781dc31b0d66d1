import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../platform/json.ts';
import { thrown } from './thrown.ts';
import { startOvhForm, type OvhFormOnSandbox } from './provider.ovh.forms.ts';

let ovh: OvhFormOnSandbox;
beforeAll(async () => void (ovh = await startOvhForm('api_credentials')));
beforeEach(() => ovh.cloud.reset());
afterAll(() => ovh.close());

const DAY_SECONDS = 24 * 60 * 60;
const prove = (fields: JsonObject) => ovh.method.prove(ovh.holding(fields));
const refresh = (fields: JsonObject) => ovh.method.refresh(ovh.holding(fields));

describe('keys that the customer enters', () => {
  test('an unknown consumer key is refused in the words that users know, with the remedy', async () => {
    const { problem, ...error } = await thrown(prove({ ...(await ovh.keys()), consumer_key: 'not-one-of-these' }));
    expect(error.class).toBe('user');
    expect(problem.code).toBe('invalid_credential');
    expect(problem.message).toMatch(/^Invalid credentials\. Please check your consumer key and permissions\./);
    expect(problem.message).toContain('This credential does not exist');
    expect(problem.remedy).toContain('validation link');
  });

  test('an unknown application key is refused in the words that users know', async () => {
    const { problem } = await thrown(prove({ ...(await ovh.keys()), application_key: 'not-one-of-these' }));
    expect(problem.code).toBe('invalid_key');
    expect(problem.message).toMatch(/^Invalid application key\. Please check your application key\./);
  });

  test('any other refusal quotes the API’s own message', async () => {
    const rules = [{ method: 'GET', path: '/cloud/*' }];
    const { problem } = await thrown(prove(await ovh.keys(rules)));
    expect(problem.code).toBe('call_not_granted');
    expect(problem.message).toContain('"This call has not been granted"');
    expect(problem.remedy).toContain('GET on /me');
  });

  test('keys of another OVHcloud endpoint are reported as unknown', async () => {
    const keys = await ovh.cloud.ovh.createKeys({ region: 'ovh-ca' });
    const fields = {
      application_key: keys.applicationKey,
      application_secret: keys.applicationSecret,
      consumer_key: keys.consumerKey,
    };
    expect(await thrown(prove(fields))).toMatchObject({ problem: { code: 'invalid_key' } });
  });

  test('a proof uses OVHcloud’s clock, not ours, and requests the time once', async () => {
    await ovh.cloud.change({ ovh: { apiClockAheadSeconds: -4000 } });
    expect((await prove(await ovh.keys())).account.id).toBe('la12345-ovh');
    expect((await ovh.cloud.counters()).requests).toMatchObject({ 'auth.time': 1, me: 1 });
  });

  test('a request that OVHcloud receives too late is a transient error, not a refusal', async () => {
    const keys = await ovh.keys();
    await ovh.cloud.fault({ endpoint: 'auth.time' }, { kind: 'respond', status: 200, body: 1_000_000_000 });
    expect(await thrown(prove(keys))).toMatchObject({ class: 'transient', problem: { code: 'query_out_of_time' } });
  });

  test('keys that do not expire have no lifetime, and are still renewable', async () => {
    expect((await prove(await ovh.keys())).issued).toMatchObject({ ttlSeconds: null, renewable: true });
  });

  test('a consumer key that expires has its remaining lifetime and a warning, and is class revoked afterwards', async () => {
    await ovh.cloud.change({ ovh: { consumerKeyLifetimeSeconds: DAY_SECONDS } });
    const keys = await ovh.keys();
    ovh.clock.advance(3600);
    const { issued, warnings } = await prove(keys);
    expect(issued).toMatchObject({ ttlSeconds: DAY_SECONDS - 3600, renewable: true });
    expect(warnings).toMatchObject([{ code: 'consumer_key_ends' }]);
    ovh.clock.advance(DAY_SECONDS);
    expect(await thrown(refresh(keys))).toMatchObject({ class: 'revoked', problem: { code: 'invalid_credential' } });
  });

  test('keys that may not read their own expiry are still proven', async () => {
    const keys = await ovh.keys([{ method: 'GET', path: '/me' }]);
    const forbidden = { errorCode: 'NOT_GRANTED_CALL', message: 'This call has not been granted' };
    await ovh.cloud.fault({ endpoint: 'auth.current-credential' }, { kind: 'respond', status: 403, body: forbidden });
    expect((await prove(keys)).issued).toMatchObject({ ttlSeconds: null });
  });

  test('an outage while keys are verified is a transient error, not a withdrawal', async () => {
    const keys = await ovh.keys();
    await ovh.cloud.fault({ endpoint: 'me' }, { kind: 'respond', status: 503 });
    expect(await thrown(refresh(keys))).toMatchObject({ class: 'transient', delivery: 'answered' });
    await ovh.cloud.fault({ endpoint: 'auth.time' }, { kind: 'drop_before' });
    expect(await thrown(refresh(keys))).toMatchObject({ class: 'transient', delivery: 'unknown' });
    await expect(refresh(keys)).resolves.toMatchObject({ renewable: true });
  });

  test('keys that Mooring may not revoke are reported as unsupported, with a note', async () => {
    const outcome = await ovh.method.revoke(ovh.holding(await ovh.keys([{ method: 'GET', path: '/*' }])));
    expect(outcome).toMatchObject({ outcome: 'unsupported' });
    expect('note' in outcome && outcome.note).toContain('control panel');
  });
});

describe('a consumer key that Mooring requests', () => {
  async function asked() {
    const { application_key, application_secret } = await ovh.keys();
    return await ovh.prepared({ application_key: application_key ?? '', application_secret: application_secret ?? '' });
  }
  const linkOf = (fields: JsonObject) => fields['validation_url'] as string;

  test('a requested consumer key is transient with its link until the customer approves it, and then works', async () => {
    const fields = await asked();
    const waiting = await thrown(prove(fields));
    expect(waiting).toMatchObject({
      class: 'transient',
      problem: { code: 'consumer_key_unapproved', link: linkOf(fields) },
    });
    await ovh.cloud.ovh.decideConsumerKey(linkOf(fields), { account: 'ob67890-ovh' });
    const { account, issued } = await prove(fields);
    expect(account).toEqual({ id: 'ob67890-ovh', displayName: 'Okafor & Sons' });
    expect(issued?.fields.reveal()).toEqual({ validation_url: null, asked_at: null });
  });

  test('a requested consumer key may read everything and revoke itself, and nothing else', async () => {
    const fields = await asked();
    const page = await (await fetch(linkOf(fields))).text();
    const rules = [...page.matchAll(/<li><code>(.*?)<\/code><\/li>/g)].map(([, rule]) => rule);
    expect(rules).toEqual(['GET /*', 'POST /auth/logout']);
    await ovh.cloud.ovh.decideConsumerKey(linkOf(fields));
    const second = await (await fetch(linkOf(fields))).text();
    expect(second, 'a link is good once').toContain('was decided before');
    expect(await ovh.method.revoke(ovh.holding(fields))).toEqual({ outcome: 'revoked', revoked: ['consumer_key'] });
  });

  test('a consumer key is requested only once', async () => {
    const fields = await asked();
    expect(await ovh.method.prepare?.(ovh.holding(fields))).toBeUndefined();
    expect((await ovh.cloud.counters()).requests).toMatchObject({ 'auth.credential': 1 });
  });

  test('a requested consumer key that the customer refuses fails at once', async () => {
    const fields = await asked();
    await ovh.cloud.ovh.decideConsumerKey(linkOf(fields), { decision: 'refuse' });
    expect(await thrown(prove(fields))).toMatchObject({
      class: 'user',
      problem: { code: 'consumer_key_not_approved' },
    });
  });

  test('a requested consumer key that is not approved fails after a day', async () => {
    const fields = await asked();
    ovh.clock.advance(DAY_SECONDS - 60);
    expect(await thrown(prove(fields))).toMatchObject({ class: 'transient' });
    ovh.clock.advance(120);
    expect(await thrown(prove(fields))).toMatchObject({
      class: 'user',
      problem: { code: 'consumer_key_not_approved' },
    });
  });

  test('a request with an unknown application key is refused before a link is shown', async () => {
    const unknown = { application_key: 'not-one-of-these', application_secret: 'not-a-secret' };
    expect(await thrown(ovh.prepared(unknown))).toMatchObject({ class: 'user', problem: { code: 'invalid_key' } });
  });

  test('a consumer key that has worked and is deleted is reported as withdrawn, not as awaiting approval', async () => {
    const fields = await asked();
    await ovh.cloud.ovh.decideConsumerKey(linkOf(fields));
    const { issued } = await prove(fields);
    const record = { ...fields, ...issued?.fields.reveal() };
    await ovh.cloud.ovh.deleteConsumerKey(record['consumer_key'] as string);
    expect(await thrown(prove(record))).toMatchObject({ class: 'user', problem: { code: 'invalid_credential' } });
    expect(await thrown(refresh(record))).toMatchObject({ class: 'revoked' });
  });
});
