import { describe, expect, inject, test } from 'vitest';
import { messages } from '../../contracts/messages.ts';
import { eventually } from '../support/eventually.ts';
import { refusal } from './support/connection.ts';
import { useWorld } from './support/world.ts';

const other = 'mc24680-ovh';

describe.skipIf(inject('components').timeSkipping === null)('connecting an account', () => {
  const world = useWorld();

  describe('a sign-in', () => {
    test('a connection expires with its invitation where the customer never signs in', async () => {
      const connection = await world.start();
      await world.pass({ days: 13, hours: 23 });
      expect((await connection.view()).status).toBe('awaiting_customer');
      await world.pass({ hours: 2 });
      expect(await connection.result()).toBeNull();
      expect(await connection.view()).toMatchObject({ status: 'expired', problem: { code: 'invitation_expired' } });
    });

    test('a sign-in that arrives twice redeems its code once', async () => {
      const connection = await world.start();
      const callback = await connection.signIn();
      await connection.callBack(callback);
      await connection.reaches('active');
      await connection.callBack(callback);
      await connection.send('annotate', { name: 'after the second' });
      expect(await world.cloud.counters()).toMatchObject({ codesRedeemed: 1, codesRedeemedTwice: 0 });
      expect(await connection.view()).toMatchObject({ status: 'active', account: { id: 'la12345-ovh' } });
    });

    test('a sign-in by a link that was replaced is ignored, and its code is not redeemed', async () => {
      const connection = await world.start();
      await connection.send('invite', {
        invitation: { lifetimeSeconds: 86_400, passcodeRequired: false, confirm: false },
      });
      await connection.signIn({ epoch: 1 });
      await eventually('the callback', async () => (await connection.events()).includes('callback_ignored'));
      expect((await connection.view()).status).toBe('awaiting_customer');
      expect((await world.cloud.counters()).codesRedeemed).toBe(0);
      await connection.signIn({ epoch: 2 });
      await connection.reaches('active');
    });

    test('a sign-in that the customer refuses is reported as such, and the same link can be used again', async () => {
      const connection = await world.start();
      await connection.signIn({ decision: 'refuse' });
      await eventually('the refusal', async () => (await connection.events()).includes('customer_declined'));
      expect(await connection.view()).toMatchObject({
        status: 'awaiting_customer',
        problem: { code: 'customer_declined' },
      });
      await connection.signIn();
      expect((await connection.reaches('active')).problem).toBeNull();
    });

    test('a sign-in whose response is lost is not retried, and the customer signs in once more', async () => {
      await world.cloud.fault({ endpoint: 'token.code' }, { kind: 'drop_after' });
      const connection = await world.start();
      await connection.signIn();
      await eventually('the loss', async () => (await connection.events()).includes('exchange_response_lost'));
      expect((await connection.view()).status).toBe('awaiting_customer');
      expect((await world.cloud.counters()).codesRedeemedTwice).toBe(0);
      await connection.signIn();
      await connection.reaches('active');
    });

    test('a sign-in whose grant the secret store could not take is kept sealed and completed later', async () => {
      const connection = await world.start();
      world.secrets.fail('fails', { operation: 'write', gate: 'pending' });
      await connection.signIn();
      await connection.reaches('active');
      expect(await connection.events()).toContain('sealed_stored');
      expect(await world.cloud.counters()).toMatchObject({ codesRedeemed: 1, codesRedeemedTwice: 0 });
      expect(await connection.pending()).toEqual([]);
    });

    test('a sign-in is proven for as long as the cloud needs, and every try is counted', async () => {
      await world.cloud.change({ ovh: { accessTokenLifetimeSeconds: 86_400 } });
      await world.cloud.fault({ endpoint: 'auth.details' }, { kind: 'respond', status: 503 }, null);
      const connection = await world.start();
      await connection.signIn();
      await world.pass({ hours: 2 });
      const waiting = await connection.reaches('verifying');
      expect(waiting.verification).toMatchObject({ step: 'proof', lastProblem: { code: 'cloud_unavailable' } });
      expect(waiting.verification?.attemptsBefore).toBeGreaterThan(10);
      expect(await connection.live()).toBeUndefined();
      await world.cloud.clearFaults();
      await world.pass({ minutes: 6 });
      await connection.reaches('active');
    });

    test('a sign-in whose proof never succeeds ends with its invitation, after a bounded number of tries', async () => {
      await world.cloud.fault({ endpoint: 'auth.details' }, { kind: 'respond', status: 503 }, null);
      const connection = await world.start({ invitation: { lifetimeSeconds: 3600 } });
      await connection.signIn();
      await world.pass({ hours: 2 });
      expect(await connection.result()).toBeNull();
      expect((await world.cloud.counters()).requests['auth.details']).toBeLessThan(60);
      expect((await world.cloud.counters()).grantsRevoked).toBe(1);
      expect(await connection.pending()).toEqual([]);
    });
  });

  describe('a link whose passcode was wrong too often', () => {
    test('a lock is shown, told to the tenant, and ends with the next invitation; another epoch is not locked', async () => {
      const connection = await world.start({ invitation: { passcodeRequired: true } });
      await connection.handle.signal(messages.lockInvitation, { epoch: 2 });
      await connection.handle.signal(messages.lockInvitation, { epoch: 1 });
      await connection.handle.signal(messages.lockInvitation, { epoch: 1 });
      await eventually('the lock', async () => (await connection.view()).invitation?.locked === true);
      expect((await connection.view()).problem?.code).toBe('invitation_locked');
      expect((await connection.events()).filter((event) => event === 'invitation_locked')).toHaveLength(1);
      await connection.send('invite', {
        invitation: { lifetimeSeconds: 86_400, passcodeRequired: true, confirm: false },
      });
      expect(await connection.view()).toMatchObject({ invitation: { epoch: 2, locked: false }, problem: null });
      await connection.signIn();
      await connection.reaches('active');
    });
  });

  describe('an account that must be confirmed', () => {
    const waiting = async () => {
      const connection = await world.start({ invitation: { confirm: true } });
      await connection.signIn();
      await eventually('the account', async () => (await connection.view()).verification?.step === 'confirmation');
      return connection;
    };

    test('an account that must be confirmed is shown, and its credential is not in use before the confirmation', async () => {
      const writesBefore = world.secrets.written.length;
      const connection = await waiting();
      expect(await connection.view()).toMatchObject({
        problem: { code: 'confirmation_required' },
        verification: { account: { id: 'la12345-ovh' } },
        credential: null,
      });
      await world.pass({ days: 3 });
      expect(await connection.live()).toBeUndefined();
      expect(world.secrets.written.slice(writesBefore)).not.toContain('live');
      await connection.send('confirm');
      await connection.reaches('active');
      expect(await connection.live()).toBeDefined();
      expect((await refusal(connection.send('confirm'))).code).toBe('nothing_to_confirm');
    });

    test('an account that is never confirmed is revoked and dropped unused', async () => {
      const connection = await waiting();
      const written = world.secrets.written.filter((gate) => gate === 'live').length;
      await world.pass({ days: 15 });
      expect(await connection.result()).toBeNull();
      expect(world.secrets.written.filter((gate) => gate === 'live').length).toBe(written);
      expect(await connection.pending()).toEqual([]);
      expect((await world.cloud.counters()).grantsRevoked).toBe(1);
    });

    test('an account that waits for confirmation is revoked and dropped together with its invitation', async () => {
      const connection = await waiting();
      expect((await connection.send('revokeInvitation')).status).toBe('awaiting_customer');
      await eventually('the revocation', async () => (await world.cloud.counters()).grantsRevoked === 1);
      await eventually('the drop', async () => (await connection.pending()).length === 0);
    });
  });

  describe('re-authorising', () => {
    test('a re-authorisation makes a connection whose access was withdrawn active again under the same id', async () => {
      const connection = await world.connect();
      await world.cloud.revokeOvhAccount('la12345-ovh');
      await world.pass({ hours: 1 });
      expect((await connection.reaches('action_required')).problem?.code).toBe('invalid_grant');
      await connection.reauthorize();
      await connection.signIn();
      const back = await connection.reaches('active');
      expect(back).toMatchObject({ id: connection.id, problem: null, credential: { generation: 2 } });
      await world.pass({ hours: 2 });
      expect((await connection.view()).status).toBe('active');
    });

    test('a re-authorisation with another account is refused and revoked, and leaves the connection as it was', async () => {
      const connection = await world.connect();
      const before = await connection.live();
      await connection.reauthorize();
      await connection.signIn({ account: other });
      await eventually('the mismatch', async () => (await connection.events()).includes('account_mismatch'));
      const view = await connection.reaches('active');
      expect(view.account?.id).toBe('la12345-ovh');
      expect(view.warnings.map(({ code }) => code)).toContain('account_mismatch');
      expect(await connection.live()).toEqual(before);
      await eventually('the revocation', async () => (await world.cloud.counters()).grantsRevoked === 1);
    });

    test('a re-authorisation with another account is accepted where the request allows it', async () => {
      const connection = await world.connect();
      await connection.reauthorize({ allowDifferentAccount: true });
      await connection.signIn({ account: other });
      await eventually('the other account', async () => (await connection.view()).account?.id === other);
      expect((await connection.view()).status).toBe('active');
    });

    test('a re-authorisation that waits for its confirmation does not stop upkeep', async () => {
      const connection = await world.connect();
      await connection.reauthorize({ confirm: true });
      await connection.signIn();
      await eventually('the account', async () => (await connection.view()).verification?.step === 'confirmation');
      await world.pass({ hours: 5 });
      expect((await world.cloud.counters()).refreshTokensSpent).toBeGreaterThan(4);
      await connection.send('confirm');
      await connection.reaches('active');
      expect((await world.cloud.counters()).refreshTokensSpentTwice).toBe(0);
    });

    test('a re-authorisation does not replace a sealed reply: its code is not redeemed before that is stored', async () => {
      const connection = await world.connect();
      await connection.reauthorize();
      world.secrets.goesDownAfterWrites(1);
      await world.pass({ hours: 1 });
      await connection.reaches('degraded');
      await connection.signIn();
      await connection.send('annotate', { name: 'after the callback' });
      expect((await world.cloud.counters()).codesRedeemed).toBe(1);
      world.secrets.down = false;
      await world.pass({ minutes: 2 });
      await connection.reaches('active');
      await connection.signIn();
      await eventually('the sign-in', async () => (await connection.view()).invitation === null);
      expect(await world.cloud.counters()).toMatchObject({ codesRedeemed: 2, refreshTokensSpentTwice: 0 });
    });
  });
});
