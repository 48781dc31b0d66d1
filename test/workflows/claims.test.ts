import { describe, expect, inject, test } from 'vitest';
import { trusting } from '../contract/provider.aws.harness.ts';
import { eventually } from '../support/eventually.ts';
import { submitting, type Submitting } from './support/submission.ts';
import { useWorld } from './support/world.ts';

const externalId = 'Mooring-4f9c2a';
const demanding = trusting('111122223331', { StringEquals: { 'sts:ExternalId': externalId } });
const claimed = 'claimed_by_another_tenant';
const arnOf = (name: string): string => `arn:aws:iam::222233334441:role/${name}`;

describe.skipIf(inject('components').timeSkipping === null)('a role that is connected', () => {
  const world = useWorld();
  const by = async (tenant: string): Promise<Submitting> =>
    await submitting(world, { tenant, provider: 'aws', region: 'aws', method: 'role', setup: { externalId } });
  const give = async (connection: Submitting, name: string) =>
    await connection.submit({ role_arn: arnOf(name), external_id: externalId });
  const trusts = async (name: string) => await world.cloud.putAwsRole({ name, trustPolicy: demanding });

  const connected = async (tenant: string, name: string): Promise<Submitting> => {
    const connection = await by(tenant);
    await give(connection, name);
    await connection.becomes('active');
    return connection;
  };
  /** The code of the problem that another tenant gets for the same role. */
  const answerTo = async (tenant: string, name: string): Promise<string | undefined> => {
    const stranger = await by(tenant);
    await give(stranger, name);
    const { problem } = await stranger.becomes('awaiting_customer');
    expect(await stranger.live()).toBeUndefined();
    return problem?.code;
  };
  const leave = async (connection: Submitting): Promise<void> => {
    await connection.send('disconnect');
    await connection.handle.result();
  };

  test('a role belongs to one tenant for all its connections, and is free once the last of them is disconnected', async () => {
    await trusts('shared');
    const first = await connected('acme', 'shared');
    const second = await connected('acme', 'shared');
    expect(await answerTo('other', 'shared')).toBe(claimed);
    await leave(first);
    expect(await answerTo('other', 'shared')).toBe(claimed);
    await leave(second);
    await connected('other', 'shared');
  });

  test('a role is not claimed by a tenant that only named it, so that its own tenant can connect it', async () => {
    const squatter = await by('other');
    await give(squatter, 'late');
    await world.pass({ minutes: 1 });
    expect((await squatter.view()).status).toBe('verifying');
    await squatter.handle.terminate();
    await trusts('late');
    expect(await (await connected('acme', 'late')).live()).toMatchObject({ role_arn: arnOf('late') });
  });

  test('a role is free again once its connection uses another role', async () => {
    await trusts('old');
    await trusts('new');
    const connection = await connected('acme', 'old');
    const invitation = { lifetimeSeconds: 3600, passcodeRequired: false, confirm: false };
    await connection.send('reauthorize', { invitation, allowDifferentAccount: false });
    await give(connection, 'new');
    await world.pass({ seconds: 1 });
    expect((await connection.becomes('active')).account?.displayName).toBe('new');
    await connected('other', 'old');
    expect(await answerTo('other', 'new')).toBe(claimed);
  });

  test('the role of a dropped grant is free again, unless the credential in use depends on it', async () => {
    await trusts('kept');
    await trusts('unwanted');
    const connection = await connected('acme', 'kept');
    const invitation = { lifetimeSeconds: 3600, passcodeRequired: false, confirm: true };
    for (const name of ['unwanted', 'kept']) {
      await connection.send('reauthorize', { invitation, allowDifferentAccount: false });
      await give(connection, name);
      await eventually('a wait for confirmation', async () => {
        const { verification } = await connection.view();
        return verification?.step === 'confirmation';
      });
      expect(await answerTo('other', name)).toBe(claimed);
      await connection.send('revokeInvitation');
      await eventually('the grant to be dropped', async () => (await connection.pending()) === undefined);
    }
    await connected('other', 'unwanted');
    expect(await answerTo('other', 'kept')).toBe(claimed);
  });
});
