import { describe, expect, inject, test } from 'vitest';
import { trusting } from '../contract/provider.aws.harness.ts';
import { submitted, submitting, type Submitting } from './support/submission.ts';
import { useWorld } from './support/world.ts';

const externalId = 'Mooring-4f9c2a';
const demanding = trusting('111122223331', { StringEquals: { 'sts:ExternalId': externalId } });
const roleArn = 'arn:aws:iam::222233334441:role/reader';
const aws = { provider: 'aws', region: 'aws', method: 'role', setup: { externalId } };

describe.skipIf(inject('components').timeSkipping === null)('a role that is late', () => {
  const world = useWorld();

  /** A connection whose customer has submitted the role, whether AWS knows it or not. */
  const role = async () => await submitted(world, aws, { role_arn: roleArn, external_id: externalId });
  /** The connection, once its role has been withdrawn and its upkeep has found that out. */
  const withdrawn = async (connection: Submitting) => {
    await world.cloud.putAwsRole({ name: 'reader', trustPolicy: trusting('999988887777') });
    // AWS is asked three times: where asking costs nothing, one refusal is not enough.
    await world.pass({ minutes: 55 });
    return await connection.becomes('action_required');
  };
  const triesAt = async () => (await world.cloud.counters('aws')).requests['sts.AssumeRole'] ?? 0;

  test('a role that works 7 minutes late makes its connection active, in at most 40 tries and 30 history events', async () => {
    await world.cloud.change({ aws: { propagationSeconds: 7 * 60 } });
    await world.cloud.putAwsRole({ name: 'reader', trustPolicy: demanding });
    const connection = await role();
    await world.pass({ minutes: 6 });
    expect(await connection.view()).toMatchObject({ status: 'verifying' });
    expect(await connection.live()).toBeUndefined();
    await world.pass({ minutes: 2 });

    const { account, problem } = await connection.becomes('active');
    expect({ account, problem }).toEqual({ account: { id: '222233334441', displayName: 'reader' }, problem: null });
    expect(await connection.live()).toMatchObject({ role_arn: roleArn, session_token: expect.any(String) as string });
    const probes = 2;
    const tries = (await triesAt()) - probes;
    expect(tries, 'a proof that it was tried again and again').toBeGreaterThan(5);
    expect(tries).toBeLessThanOrEqual(40);
    const { events } = await connection.handle.fetchHistory();
    expect(events?.length).toBeLessThanOrEqual(30);
  });

  test('a role that is missing for 3 days is still tried, and the view and the pending activity show why', async () => {
    const connection = await role();
    await world.pass({ days: 3 });

    const { status, problem, verification } = await connection.view();
    expect({ status, step: verification?.step }).toEqual({ status: 'verifying', step: 'proof' });
    expect(problem).toMatchObject({ code: 'role_not_assumable' });
    expect(verification?.attemptsBefore).toBeGreaterThan(500);
    const { raw } = await connection.handle.describe();
    const [waiting] = raw.pendingActivities ?? [];
    expect(waiting?.activityType?.name).toBe('proveGrant');
    expect(waiting?.attempt).toBeGreaterThan(1);
    expect(waiting?.lastFailure?.message).toContain('Mooring cannot assume this role');

    await world.cloud.putAwsRole({ name: 'reader', trustPolicy: demanding });
    await world.pass({ minutes: 6 });
    await connection.becomes('active');
  });

  test('a role is renewed at the latest every 48 minutes, and its withdrawal is found within an hour', async () => {
    await world.cloud.putAwsRole({ name: 'reader', trustPolicy: demanding });
    const connection = await role();
    const first = await connection.becomes('active');
    const { issuedAt = '', nextRefreshAt } = first.credential ?? {};
    expect(Date.parse(nextRefreshAt ?? '') - Date.parse(issuedAt)).toBeLessThanOrEqual(48 * 60_000);
    await world.pass({ hours: 3 });
    expect((await connection.record())?.mooring.generation).toBeGreaterThanOrEqual(4);

    expect((await withdrawn(connection)).problem).toMatchObject({ code: 'role_withdrawn' });
    expect(await connection.live(), 'nothing is deleted').toBeDefined();
  });

  test('a role that was withdrawn is asked for every hour, and the connection is active again once AWS gives it', async () => {
    await world.cloud.putAwsRole({ name: 'reader', trustPolicy: demanding });
    const connection = await role();
    await connection.becomes('active');
    const { problem } = await withdrawn(connection);
    expect(problem?.remedy).toContain('Mooring asks the cloud again every hour');
    const before = { tries: await triesAt(), events: (await connection.handle.fetchHistory()).events?.length };

    await world.pass({ hours: 6 });
    expect((await connection.view()).status).toBe('action_required');
    const asked = (await triesAt()) - before.tries;
    expect(asked).toBeGreaterThanOrEqual(5);
    expect(asked).toBeLessThanOrEqual(7);
    expect((await connection.handle.fetchHistory()).events?.length, 'asking adds no event').toBe(before.events);

    await world.cloud.putAwsRole({ name: 'reader', trustPolicy: demanding });
    await world.pass({ minutes: 61 });
    expect(await connection.becomes('active')).toMatchObject({ problem: null });
  });

  test('a role whose trust policy no longer demands the external id is found by the daily proof', async () => {
    await world.cloud.putAwsRole({ name: 'reader', trustPolicy: demanding });
    const connection = await role();
    await connection.becomes('active');
    await world.cloud.putAwsRole({ name: 'reader', trustPolicy: trusting('111122223331') });
    await world.pass({ hours: 25 });
    expect((await connection.becomes('action_required')).problem).toMatchObject({ code: 'insecure_trust_policy' });
  });

  test('a role that misses its deadline is reported with the last problem, and the same link takes another submission', async () => {
    const connection = await submitting(world, aws);
    await connection.submit({ role_arn: roleArn, external_id: externalId }, 900);
    await world.pass({ minutes: 13 });
    expect((await connection.view()).status).toBe('verifying');
    await world.pass({ minutes: 4 });
    const { problem } = await connection.becomes('awaiting_customer');
    expect(problem).toMatchObject({ code: 'role_not_assumable' });
    expect(problem?.remedy).toContain('open the invitation again');
    expect(await connection.pending(), 'what was submitted is dropped').toBeUndefined();

    await world.cloud.putAwsRole({ name: 'reader', trustPolicy: demanding });
    await connection.submit({ role_arn: roleArn, external_id: externalId });
    await connection.becomes('active');
  });
});
