import { liveKeys } from '../../../stores/secrets/credential-record.ts';
import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import type { Invited } from '../../support/platform.ts';
import type { InWorld } from '../connection.e2e.ts';

/** Each fault has a region of its own, so that it does not affect other tests. */
const UNAVAILABLE = 'ovh-ca';
const REFUSED = { region: 'ovh-us', account: 'mc24680-ovh' };
const BACK_WITHIN_MS = 45_000;

/** A cloud that is unavailable and a cloud that refuses have different effects. */
export function troubles({ customer, world }: InWorld): void {
  test('a connection whose cloud is unavailable degrades, serves its token with a warning, and recovers by itself', async () => {
    const { platform, cloud } = customer();
    const { id } = await customer().connect({ region: UNAVAILABLE });
    await cloud.fault({ region: UNAVAILABLE, endpoint: 'token.refresh' }, { kind: 'respond', status: 503 }, null);
    await expect(platform.call('POST', `/v1/connections/${id}/refresh`)).rejects.toMatchObject({ status: 503 });

    const degraded = await platform.until(id, 'degraded');
    // The warning is published a moment after the connection has changed.
    const reply = await eventually('the warning', async () => {
      const answer = await platform.call<{
        generation: number;
        warnings: { code: string }[];
        credential: { access_token: string };
      }>('GET', `/v1/connections/${id}/credentials`);
      return answer.warnings.length > 0 && answer;
    });
    expect(reply).toMatchObject({ generation: 1, warnings: [{ code: degraded.problem?.code }] });
    expect(reply.credential.access_token).toBe(
      (await world().secrets.read('live', liveKeys.renewal(id)))?.['access_token'],
    );

    await cloud.clearFaults();
    expect(await platform.until(id, 'active', BACK_WITHIN_MS)).toMatchObject({
      problem: null,
      credential: { generation: 2 },
    });
  });

  test('a connection that the cloud refuses requires action, and a new sign-in restores it under the same id', async () => {
    const { platform, cloud } = customer();
    const { region, account } = REFUSED;
    const { id } = await customer().connect({ region }, { account });
    expect(await cloud.revokeOvhAccount(account, region)).toBe(1);
    const refresh = platform.call('POST', `/v1/connections/${id}/refresh`);
    await expect(refresh).rejects.toMatchObject({ code: 'invalid_grant' });
    expect(await platform.until(id, 'action_required')).toMatchObject({
      problem: { code: 'invalid_grant', remedy: expect.stringContaining('authori') },
    });

    const again = await platform.call<Invited>('POST', `/v1/connections/${id}/reauthorize`);
    expect(again.connection).toMatchObject({ id, invitation: { purpose: 'reauthorize' } });
    await (await customer().signIn(again.invitation.url, { account })).arrive();
    expect(await platform.until(id, 'active')).toMatchObject({ id, problem: null, account: { id: account } });
    expect((await world().secrets.read('live', liveKeys.renewal(id)))?.['mooring']).toMatchObject({ generation: 2 });
  });
}
