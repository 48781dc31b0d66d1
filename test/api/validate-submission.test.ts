import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

interface Validated {
  readonly valid: boolean;
  readonly account: { readonly id: string; readonly displayName: string | null } | null;
  readonly problem: { readonly code: string; readonly message: string; readonly remedy: string } | null;
}

describe.skipIf(address === null)('validation of submitted credentials', () => {
  let stack: Stack;
  let headers: { authorization: string };
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    headers = await stack.keyFor('acme', 'connections:write');
  });
  beforeEach(() => stack.cloud.clearFaults());

  const validate = async (fields: object, endpoint = 'ovh-eu') =>
    await stack.app.inject({
      method: 'POST',
      url: '/ovh/credentials/validate',
      headers,
      payload: { endpoint, fields },
    });
  const keys = async () => {
    const made = await stack.cloud.ovh.createKeys({ account: 'ob67890-ovh' });
    return {
      application_key: made.applicationKey,
      application_secret: made.applicationSecret,
      consumer_key: made.consumerKey,
    };
  };
  const nothingPending = async () =>
    await eventually('nothing to be pending', async () => (await stack.secrets.list('pending', '')).length === 0);

  it('a validation names the account of working credentials, and stores nothing of them', async () => {
    const fields = await keys();
    const reply = await validate(fields);
    expect(reply.statusCode, reply.body).toBe(200);
    expect(reply.json<Validated>()).toEqual({
      valid: true,
      account: { id: 'ob67890-ovh', displayName: 'Okafor & Sons' },
      problem: null,
    });
    expect(reply.headers['cache-control']).toBe('no-store');
    await nothingPending();
    for (const secret of [fields.application_secret, fields.consumer_key]) {
      expect(stack.log()).not.toContain(secret);
      expect(reply.body).not.toContain(secret);
    }
    // A validation does not revoke the keys: they still work.
    expect((await validate(fields)).json<Validated>().valid).toBe(true);
  });

  it.each([
    ['consumer_key', /^Invalid credentials\. Please check your consumer key and permissions\./],
    ['application_key', /^Invalid application key\. Please check your application key\./],
  ])('a validation reports a wrong %s in the words that users know, with a remedy', async (name, words) => {
    const reply = await validate({ ...(await keys()), [name]: 'not-one-of-these' });
    expect(reply.statusCode).toBe(200);
    const { valid, account, problem } = reply.json<Validated>();
    expect({ valid, account }).toEqual({ valid: false, account: null });
    expect(problem?.message).toMatch(words);
    expect(problem?.remedy).toMatch(/\w/);
    await nothingPending();
  });

  it('a validation without a consumer key does not request one from the cloud', async () => {
    const { application_key, application_secret } = await keys();
    const reply = await validate({ application_key, application_secret });
    expect(reply.json<Validated>()).toMatchObject({ valid: false, problem: { code: 'submission_incomplete' } });
    expect((await stack.cloud.counters()).requests['auth.credential'] ?? 0).toBe(0);
  });

  it('a validation refuses what the form would refuse, and stores nothing', async () => {
    const reply = await validate({ ...(await keys()), application_key: 'a', stranger: 'x' });
    expect(reply.statusCode).toBe(400);
    expect(reply.json<{ errors: string[] }>().errors).toHaveLength(2);
    expect(await stack.secrets.list('pending', '')).toEqual([]);
  });

  it('a validation for an unknown endpoint names the valid endpoints', async () => {
    const reply = await validate(await keys(), 'ovh-fr');
    expect(reply.json()).toMatchObject({
      status: 400,
      detail: "Invalid endpoint 'ovh-fr'. Must be one of: ovh-eu, ovh-us, ovh-ca",
    });
  });

  it('a validation reports an unavailable cloud as such, and still destroys the values', async () => {
    await stack.cloud.fault({ endpoint: 'auth.time' }, { kind: 'respond', status: 503 }, null);
    const reply = await validate(await keys());
    expect(reply.json()).toMatchObject({ status: 503, code: 'cloud_unavailable' });
    await nothingPending();
  });

  it('a validation without a worker is answered with 503, and a later worker destroys the values', async () => {
    await stack.stopWorker();
    const reply = await validate(await keys());
    expect(reply.json()).toMatchObject({ status: 503, code: 'no_worker_answered' });
    expect(await stack.secrets.list('pending', '')).toHaveLength(1);
    await stack.startWorker();
    await nothingPending();
  });
});
