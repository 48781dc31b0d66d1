import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../platform/json.ts';
import { thrown } from './provider.contract.ts';
import { startOvhForm, type OvhFormOnSandbox } from './provider.ovh.forms.ts';

let ovh: OvhFormOnSandbox;
beforeAll(async () => void (ovh = await startOvhForm('api_credentials')));
beforeEach(() => ovh.cloud.reset());
afterAll(() => ovh.close());

const DAY_SECONDS = 24 * 60 * 60;
const prove = (fields: JsonObject) => ovh.method.prove(ovh.holding(fields));
const refresh = (fields: JsonObject) => ovh.method.refresh(ovh.holding(fields));

describe('keys that were given', () => {
  test('a consumer key that is not the one: the words that users know, with the remedy', async () => {
    const { problem, ...error } = await thrown(prove({ ...(await ovh.keys()), consumer_key: 'not-one-of-these' }));
    expect(error.class).toBe('user');
    expect(problem.code).toBe('invalid_credential');
    expect(problem.message).toMatch(/^Invalid credentials\. Please check your consumer key and permissions\./);
    expect(problem.message).toContain('This credential does not exist');
    expect(problem.remedy).toContain('validation link');
  });

  test('an application key that is not known: the words that users know', async () => {
    const { problem } = await thrown(prove({ ...(await ovh.keys()), application_key: 'not-one-of-these' }));
    expect(problem.code).toBe('invalid_key');
    expect(problem.message).toMatch(/^Invalid application key\. Please check your application key\./);
  });

  test("any other refusal comes with the API's own message", async () => {
    const rules = [{ method: 'GET', path: '/cloud/*' }];
    const { problem } = await thrown(prove(await ovh.keys(rules)));
    expect(problem.code).toBe('call_not_granted');
    expect(problem.message).toContain('"This call has not been granted"');
    expect(problem.remedy).toContain('GET on /me');
  });

  test('keys of another endpoint are not known here', async () => {
    const keys = await ovh.cloud.ovh.createKeys({ region: 'ovh-ca' });
    const fields = {
      application_key: keys.applicationKey,
      application_secret: keys.applicationSecret,
      consumer_key: keys.consumerKey,
    };
    expect(await thrown(prove(fields))).toMatchObject({ problem: { code: 'invalid_key' } });
  });

  test("OVHcloud's clock counts, not this machine's, and it is asked once a proof", async () => {
    await ovh.cloud.change({ ovh: { apiClockAheadSeconds: -4000 } });
    expect((await prove(await ovh.keys())).account.id).toBe('la12345-ovh');
    expect((await ovh.cloud.counters()).requests).toMatchObject({ 'auth.time': 1, me: 1 });
  });

  test('a request that OVHcloud gets too late is tried again, not refused', async () => {
    const keys = await ovh.keys();
    await ovh.cloud.fault({ endpoint: 'auth.time' }, { kind: 'respond', status: 200, body: 1_000_000_000 });
    expect(await thrown(prove(keys))).toMatchObject({ class: 'transient', problem: { code: 'query_out_of_time' } });
  });

  test('what does not expire has no life to count down, and is looked after all the same', async () => {
    expect((await prove(await ovh.keys())).issued).toMatchObject({ ttlSeconds: null, renewable: true });
  });

  test('a consumer key that OVHcloud ends has that life, and is refused after it', async () => {
    await ovh.cloud.change({ ovh: { consumerKeyLifetimeSeconds: DAY_SECONDS } });
    const keys = await ovh.keys();
    ovh.clock.advance(3600);
    const { issued, warnings } = await prove(keys);
    expect(issued).toMatchObject({ ttlSeconds: DAY_SECONDS - 3600, renewable: true });
    expect(warnings).toMatchObject([{ code: 'consumer_key_ends' }]);
    ovh.clock.advance(DAY_SECONDS);
    expect(await thrown(refresh(keys))).toMatchObject({ class: 'revoked', problem: { code: 'invalid_credential' } });
  });

  test('rules that do not cover the question how long they last are no obstacle', async () => {
    const keys = await ovh.keys([{ method: 'GET', path: '/me' }]);
    const forbidden = { errorCode: 'NOT_GRANTED_CALL', message: 'This call has not been granted' };
    await ovh.cloud.fault({ endpoint: 'auth.current-credential' }, { kind: 'respond', status: 403, body: forbidden });
    expect((await prove(keys)).issued).toMatchObject({ ttlSeconds: null });
  });

  test('an outage while they are verified is no withdrawal', async () => {
    const keys = await ovh.keys();
    await ovh.cloud.fault({ endpoint: 'me' }, { kind: 'respond', status: 503 });
    expect(await thrown(refresh(keys))).toMatchObject({ class: 'transient', delivery: 'answered' });
    await ovh.cloud.fault({ endpoint: 'auth.time' }, { kind: 'drop_before' });
    expect(await thrown(refresh(keys))).toMatchObject({ class: 'transient', delivery: 'unknown' });
    await expect(refresh(keys)).resolves.toMatchObject({ renewable: true });
  });

  test('keys whose rules do not let Mooring revoke them are told about, not passed over', async () => {
    const outcome = await ovh.method.revoke(ovh.holding(await ovh.keys([{ method: 'GET', path: '/*' }])));
    expect(outcome).toMatchObject({ outcome: 'unsupported' });
    expect('note' in outcome && outcome.note).toContain('control panel');
  });
});

describe('a consumer key that is asked for', () => {
  async function asked() {
    const { application_key, application_secret } = await ovh.keys();
    return await ovh.prepared({ application_key: application_key ?? '', application_secret: application_secret ?? '' });
  }
  const linkOf = (fields: JsonObject) => fields['validation_url'] as string;

  test('waits for the customer, who is shown the link, and works once it is approved', async () => {
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

  test('may read everything, give itself back, and nothing else', async () => {
    const fields = await asked();
    const page = await (await fetch(linkOf(fields))).text();
    const rules = [...page.matchAll(/<li><code>(.*?)<\/code><\/li>/g)].map(([, rule]) => rule);
    expect(rules).toEqual(['GET /*', 'POST /auth/logout']);
    await ovh.cloud.ovh.decideConsumerKey(linkOf(fields));
    const second = await (await fetch(linkOf(fields))).text();
    expect(second, 'a link is good once').toContain('was decided before');
    expect(await ovh.method.revoke(ovh.holding(fields))).toEqual({ outcome: 'revoked', revoked: ['consumer_key'] });
  });

  test('is asked for once', async () => {
    const fields = await asked();
    expect(await ovh.method.prepare?.(ovh.holding(fields))).toBeUndefined();
    expect((await ovh.cloud.counters()).requests).toMatchObject({ 'auth.credential': 1 });
  });

  test('that is refused is over at once', async () => {
    const fields = await asked();
    await ovh.cloud.ovh.decideConsumerKey(linkOf(fields), { decision: 'refuse' });
    expect(await thrown(prove(fields))).toMatchObject({
      class: 'user',
      problem: { code: 'consumer_key_not_approved' },
    });
  });

  test('that nobody approves is over after a day', async () => {
    const fields = await asked();
    ovh.clock.advance(DAY_SECONDS - 60);
    expect(await thrown(prove(fields))).toMatchObject({ class: 'transient' });
    ovh.clock.advance(120);
    expect(await thrown(prove(fields))).toMatchObject({
      class: 'user',
      problem: { code: 'consumer_key_not_approved' },
    });
  });

  test('whose application key is not known is refused before anybody is sent to a link', async () => {
    const unknown = { application_key: 'not-one-of-these', application_secret: 'not-a-secret' };
    expect(await thrown(ovh.prepared(unknown))).toMatchObject({ class: 'user', problem: { code: 'invalid_key' } });
  });

  test('once it has worked, a withdrawal is a withdrawal, not a wait', async () => {
    const fields = await asked();
    await ovh.cloud.ovh.decideConsumerKey(linkOf(fields));
    const { issued } = await prove(fields);
    const record = { ...fields, ...issued?.fields.reveal() };
    await ovh.cloud.ovh.deleteConsumerKey(record['consumer_key'] as string);
    expect(await thrown(prove(record))).toMatchObject({ class: 'user', problem: { code: 'invalid_credential' } });
    expect(await thrown(refresh(record))).toMatchObject({ class: 'revoked' });
  });
});
