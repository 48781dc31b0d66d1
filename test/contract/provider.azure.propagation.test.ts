import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { entraFailure } from '../../sandbox/client.ts';
import { startAzureOnSandbox, type AzureOnSandbox } from './provider.azure.on-sandbox.ts';
import { thrown } from './provider.contract.ts';

const MINUTE = 60;

describe('Azure, while what was made just now is on its way', () => {
  let azure: AzureOnSandbox;
  beforeAll(async () => void (azure = await startAzureOnSandbox()));
  afterEach(() => azure.cloud.reset());
  afterAll(() => azure.close());

  const prove = (record: Awaited<ReturnType<AzureOnSandbox['submitted']>>) =>
    azure.principal().prove(azure.holding(record));

  describe('"No enabled subscription found"', () => {
    const found = { problem: { code: 'no_enabled_subscription' } };

    test('is waited for while a role assignment may be on its way, and a role that comes late is found', async () => {
      const record = await azure.submitted([]);
      const error = await thrown(prove(record));
      expect(error).toMatchObject({ class: 'transient', ...found });
      expect(error.message).toMatch(/^No enabled subscription found/);
      expect(error.problem.remedy).toMatch(/Reader or Contributor.*tried again by itself/s);
      await azure.cloud.azure.assignRoles(record.client_id, ['Production']);
      azure.clock.advance(29 * MINUTE);
      expect((await prove(record)).account.displayName).toBe(`application ${record.client_id}: Production`);
    });

    test("is the customer's to act on once the 30 minutes that Microsoft names are over", async () => {
      const record = await azure.submitted([]);
      azure.clock.advance(30 * MINUTE - 1);
      expect(await thrown(prove(record))).toMatchObject({ class: 'transient', ...found });
      azure.clock.advance(1);
      const error = await thrown(prove(record));
      expect(error).toMatchObject({ class: 'user', ...found });
      expect(error.problem.remedy).not.toContain('tried again');
    });

    test('is said of a person who signed in, by the same clock', async () => {
      const context = await azure.connect('chloe@moreau.example');
      expect(await thrown(azure.signIn().prove(context))).toMatchObject({ class: 'transient', ...found });
      azure.clock.advance(30 * MINUTE);
      expect(await thrown(azure.signIn().prove(context))).toMatchObject({ class: 'user', ...found });
    });

    test('names the subscriptions that are there but not enabled', async () => {
      const error = await thrown(prove(await azure.submitted(['Old laboratory'])));
      expect(error).toMatchObject(found);
      expect(error.message).toContain('Old laboratory (Disabled)');
    });

    test.each([
      { what: 'a broken connection', action: { kind: 'drop_before' } as const, code: 'cloud_unreachable' },
      { what: 'HTTP 503', action: { kind: 'respond', status: 503 } as const, code: 'cloud_unavailable' },
      { what: 'HTTP 429', action: { kind: 'respond', status: 429 } as const, code: 'cloud_rate_limited' },
      {
        what: 'a page of HTML',
        action: { kind: 'respond', status: 200, body: '<p>' } as const,
        code: 'cloud_answer_unexpected',
      },
    ])('is never said of $what, however late', async ({ action, code }) => {
      const record = await azure.submitted([]);
      azure.clock.advance(60 * MINUTE);
      await azure.cloud.fault({ endpoint: 'subscriptions.list' }, action);
      expect(await thrown(prove(record))).toMatchObject({ class: 'transient', problem: { code } });
    });

    test('a second page that does not come is no end of the list', async () => {
      const record = await azure.submitted(['Production', 'Staging', 'Old laboratory']);
      await azure.cloud.fault({ endpoint: 'subscriptions.list', path: 'skiptoken' }, { kind: 'respond', status: 500 });
      expect(await thrown(prove(record))).toMatchObject({ class: 'transient', problem: { code: 'cloud_unavailable' } });
    });
  });

  describe('a subscription that was named', () => {
    test('is proven to be there, wherever in the list it is, and leads the name of the account', async () => {
      await azure.cloud.change({ azure: { pageSize: 1 } });
      const record = await azure.submitted(['Production', 'Staging'], {
        subscription_id: '5AB50002-0000-4000-8000-000000000001',
      });
      expect((await prove(record)).account.displayName).toMatch(/: Staging, Production$/);
    });

    test('and is not there, is waited for, then asked about, with those that are', async () => {
      const record = await azure.submitted(['Staging'], { subscription_id: '5ab50001-0000-4000-8000-000000000001' });
      const missing = { problem: { code: 'subscription_not_found' } };
      expect(await thrown(prove(record))).toMatchObject({ class: 'transient', ...missing });
      azure.clock.advance(30 * MINUTE);
      const error = await thrown(prove(record));
      expect(error).toMatchObject({ class: 'user', ...missing });
      expect(error.message).toMatch(/5ab50001-\S+ is not among those that .* sees: Staging\./);
    });

    test('and is disabled, is told at once: no waiting mends that', async () => {
      const record = await azure.submitted(['Staging', 'Old laboratory'], {
        subscription_id: '5ab50003-0000-4000-8000-000000000001',
      });
      expect(await thrown(prove(record))).toMatchObject({
        class: 'user',
        problem: { code: 'subscription_not_enabled' },
      });
    });
  });

  describe('a code that may be propagation', () => {
    const codes = [
      { code: 7000215, error: 'invalid_client' },
      { code: 700016, error: 'unauthorized_client' },
      { code: 70021, error: 'invalid_client' },
    ];

    test.each(codes)('AADSTS$code is tried again for five minutes, then told', async ({ code, error }) => {
      const record = await azure.submitted(['Production']);
      await azure.cloud.fault({ endpoint: 'token.client_credentials' }, entraFailure(error, code), 3);
      expect(await thrown(prove(record))).toMatchObject({ class: 'transient', problem: { code: error } });
      azure.clock.advance(5 * MINUTE - 1);
      expect((await thrown(prove(record))).problem.remedy).toMatch(/tried again by itself.*submit it again/s);
      azure.clock.advance(1);
      const told = await thrown(prove(record));
      expect(told).toMatchObject({ class: 'user', problem: { code: error } });
      expect(told.message).toContain(`AADSTS${code}`);
      expect(told.problem.remedy).not.toContain('tried again');
    });

    test.each(codes)(
      'AADSTS$code of an application that has worked before is told at once',
      async ({ code, error }) => {
        const record = await azure.submitted(['Production']);
        const live = { ...record, ...(await prove(record)).issued?.fields.reveal() };
        await azure.cloud.fault({ endpoint: 'token.client_credentials' }, entraFailure(error, code), 2);
        expect(await thrown(azure.principal().prove(azure.holding(live)))).toMatchObject({ class: 'user' });
        expect(await thrown(azure.principal().refresh(azure.holding(live)))).toMatchObject({ class: 'user' });
      },
    );

    test('an application that Microsoft comes to know later is proven by the same submission', async () => {
      await azure.cloud.change({ azure: { applicationPropagationSeconds: 90, rolePropagationSeconds: 200 } });
      const record = await azure.submitted(['Production']);
      expect(await thrown(prove(record))).toMatchObject({
        class: 'transient',
        problem: { code: 'unauthorized_client' },
      });
      await azure.cloud.change({ core: { clockOffsetSeconds: 100 } });
      expect(await thrown(prove(record))).toMatchObject({ problem: { code: 'no_enabled_subscription' } });
      await azure.cloud.change({ core: { clockOffsetSeconds: 201 } });
      await expect(prove(record)).resolves.toMatchObject({ issued: { renewable: true } });
    });

    test.each([
      { code: 90002, error: 'invalid_request' },
      { code: 7000222, error: 'invalid_client' },
      { code: 7000112, error: 'unauthorized_client' },
    ])('AADSTS$code is no matter of time: told at once', async ({ code, error }) => {
      const record = await azure.submitted(['Production']);
      await azure.cloud.fault({ endpoint: 'token.client_credentials' }, entraFailure(error, code));
      expect(await thrown(prove(record))).toMatchObject({ class: 'user', problem: { code: error } });
    });
  });
});
