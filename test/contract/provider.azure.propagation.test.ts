import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { entraFailure } from '../../sandbox/client.ts';
import { startAzureOnSandbox, type AzureOnSandbox } from './provider.azure.on-sandbox.ts';
import { thrown } from './thrown.ts';

const MINUTE = 60;

describe('Azure, while new objects still propagate', () => {
  let azure: AzureOnSandbox;
  beforeAll(async () => void (azure = await startAzureOnSandbox()));
  afterEach(() => azure.cloud.reset());
  afterAll(() => azure.close());

  const prove = (record: Awaited<ReturnType<AzureOnSandbox['submitted']>>) =>
    azure.principal().prove(azure.holding(record));

  describe('"No enabled subscription found"', () => {
    const found = { problem: { code: 'no_enabled_subscription' } };

    test('a missing subscription is transient while a role may still propagate, and a late role is found', async () => {
      const record = await azure.submitted([]);
      const error = await thrown(prove(record));
      expect(error).toMatchObject({ class: 'transient', ...found });
      expect(error.message).toMatch(/^No enabled subscription found/);
      expect(error.problem.remedy).toMatch(/Reader or Contributor.*tried again by itself/s);
      await azure.cloud.azure.assignRoles(record.client_id, ['Production']);
      azure.clock.advance(29 * MINUTE);
      expect((await prove(record)).account.displayName).toBe(`application ${record.client_id}: Production`);
    });

    test('a missing subscription is class user once the 30 minutes that Microsoft names are over', async () => {
      const record = await azure.submitted([]);
      azure.clock.advance(30 * MINUTE - 1);
      expect(await thrown(prove(record))).toMatchObject({ class: 'transient', ...found });
      azure.clock.advance(1);
      const error = await thrown(prove(record));
      expect(error).toMatchObject({ class: 'user', ...found });
      expect(error.problem.remedy).not.toContain('tried again');
    });

    test('a missing subscription of a signed-in user is also transient for 30 minutes, then class user', async () => {
      const context = await azure.connect('chloe@moreau.example');
      expect(await thrown(azure.signIn().prove(context))).toMatchObject({ class: 'transient', ...found });
      azure.clock.advance(30 * MINUTE);
      expect(await thrown(azure.signIn().prove(context))).toMatchObject({ class: 'user', ...found });
    });

    test('the error for a missing subscription names the subscriptions that exist but are not enabled', async () => {
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
    ])('$what is never reported as a missing subscription, however late', async ({ action, code }) => {
      const record = await azure.submitted([]);
      azure.clock.advance(60 * MINUTE);
      await azure.cloud.fault({ endpoint: 'subscriptions.list' }, action);
      expect(await thrown(prove(record))).toMatchObject({ class: 'transient', problem: { code } });
    });

    test('a second page that fails is a transient error, not the end of the list', async () => {
      const record = await azure.submitted(['Production', 'Staging', 'Old laboratory']);
      await azure.cloud.fault({ endpoint: 'subscriptions.list', path: 'skiptoken' }, { kind: 'respond', status: 500 });
      expect(await thrown(prove(record))).toMatchObject({ class: 'transient', problem: { code: 'cloud_unavailable' } });
    });
  });

  describe('a subscription that was named', () => {
    test('a named subscription is found on any page of the list, and comes first in the account name', async () => {
      await azure.cloud.change({ azure: { pageSize: 1 } });
      const record = await azure.submitted(['Production', 'Staging'], {
        subscription_id: '5AB50002-0000-4000-8000-000000000001',
      });
      expect((await prove(record)).account.displayName).toMatch(/: Staging, Production$/);
    });

    test('a named subscription that is missing is transient for 30 minutes, then class user with the visible ones', async () => {
      const record = await azure.submitted(['Staging'], { subscription_id: '5ab50001-0000-4000-8000-000000000001' });
      const missing = { problem: { code: 'subscription_not_found' } };
      expect(await thrown(prove(record))).toMatchObject({ class: 'transient', ...missing });
      azure.clock.advance(30 * MINUTE);
      const error = await thrown(prove(record));
      expect(error).toMatchObject({ class: 'user', ...missing });
      expect(error.message).toMatch(/5ab50001-\S+ is not among those that .* sees: Staging\./);
    });

    test('a named subscription that is disabled is reported at once, without a retry', async () => {
      const record = await azure.submitted(['Staging', 'Old laboratory'], {
        subscription_id: '5ab50003-0000-4000-8000-000000000001',
      });
      expect(await thrown(prove(record))).toMatchObject({
        class: 'user',
        problem: { code: 'subscription_not_enabled' },
      });
    });
  });

  describe('an error code that may come from propagation', () => {
    const codes = [
      { code: 7000215, error: 'invalid_client' },
      { code: 700016, error: 'unauthorized_client' },
      { code: 70021, error: 'invalid_client' },
    ];

    test.each(codes)('AADSTS$code is transient for five minutes, then class user', async ({ code, error }) => {
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
      'AADSTS$code of an application that has worked before is class user at once',
      async ({ code, error }) => {
        const record = await azure.submitted(['Production']);
        const live = { ...record, ...(await prove(record)).issued?.fields.reveal() };
        await azure.cloud.fault({ endpoint: 'token.client_credentials' }, entraFailure(error, code), 2);
        expect(await thrown(azure.principal().prove(azure.holding(live)))).toMatchObject({ class: 'user' });
        expect(await thrown(azure.principal().refresh(azure.holding(live)))).toMatchObject({ class: 'user' });
      },
    );

    test('an application that Microsoft knows only later is proven by the same submission', async () => {
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
    ])('AADSTS$code never comes from propagation, and is class user at once', async ({ code, error }) => {
      const record = await azure.submitted(['Production']);
      await azure.cloud.fault({ endpoint: 'token.client_credentials' }, entraFailure(error, code));
      expect(await thrown(prove(record))).toMatchObject({ class: 'user', problem: { code: error } });
    });
  });
});
