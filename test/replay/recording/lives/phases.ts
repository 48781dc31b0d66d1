import type { Connection } from '../../../../api/connections/schema.ts';
import type { Guide } from '../../../../api/connections/guide.ts';
import { discoveryWorkflowId } from '../../../../contracts/ids.ts';
import { messages } from '../../../../contracts/messages.ts';
import type { Invited } from '../../../support/platform.ts';
import type { Installation } from '../installation.ts';
import { handleOf, leave, send, untilContinued, untilStatus, untilView, type Lives } from '../life.ts';

const withoutTerms = { lifetimeSeconds: 3_600, passcodeRequired: false, confirm: false };
const path = (id: string, verb = ''): string => `/v1/connections/${id}${verb}`;
/** What has the shape of no message, from somebody who can reach Temporal. */
const garbage = [null, 5, 'text', {}, [], { epoch: 1, stateHash: 'x', answer: { kind: 'code' } }];

/** Signs in by a link that the platform was given. */
const comeBack = async (installation: Installation, { invitation }: Invited, account?: string): Promise<void> => {
  await (await installation.signIn(invitation.url, account === undefined ? {} : { account })).arrive();
};

/** Each phase of a connection that somebody outside brings about, most of them over a continued run. */
export const phases: Lives = {
  async 'awaiting-customer'(installation) {
    const invited = await installation.platform.invite();
    const { id } = invited.connection;
    await untilContinued(installation, id);
    await send(installation, id, 'revokeInvitation');
    const again = await installation.platform.call<Invited>('POST', path(id, '/invitation'));
    await comeBack(installation, again);
    await installation.platform.until(id, 'active');
    await leave(installation, id);
    return { workflows: [id], carried: { name: 'awaiting_customer', id } };
  },

  async expired(installation) {
    const { connection } = await installation.platform.invite();
    const { id } = connection;
    await send(installation, id, 'invite', { invitation: { ...withoutTerms, lifetimeSeconds: 2 }, requestId: 'short' });
    await send(installation, id, 'invite', { invitation: withoutTerms, requestId: 'short' });
    await installation.platform.until(id, 'expired');
    return { workflows: [id] };
  },

  async confirmed(installation) {
    const { platform } = installation;
    const invited = await platform.invite({ invitation: { confirm: true } });
    const { id } = invited.connection;
    await (await installation.signIn(invited.invitation.url, { decision: 'refuse' })).arrive();
    await comeBack(installation, invited);
    await untilView(installation, id, ({ verification }) => verification?.step === 'confirmation');
    await untilContinued(installation, id);
    await platform.call('POST', path(id, '/confirm'));
    await platform.until(id, 'active');
    // Another account than the one that is connected: refused, and dropped.
    await comeBack(installation, await platform.call<Invited>('POST', path(id, '/reauthorize')), 'ob67890-ovh');
    await platform.until(id, ({ warnings }) => warnings.some(({ code }) => code === 'account_mismatch'), 30_000);
    await leave(installation, id);
    return { workflows: [id], carried: { name: 'verifying-confirmation', id } };
  },

  async 'submitted-and-late'(installation) {
    const { platform, cloud } = installation;
    const { connection } = await platform.invite({ provider: 'aws', region: 'aws', method: 'role' });
    const { id } = connection;
    const guide = await platform.call<Guide>('GET', path(id, '/guide'));
    const policy = guide.blocks.find(({ format }) => format === 'json')?.text ?? '{}';
    const arnOf = (name: string) => `arn:aws:iam::222233334441:role/${name}`;
    for (const name of ['mistyped', 'late']) {
      await platform.call('POST', path(id, '/submission'), { fields: { role_arn: arnOf(name) } });
    }
    await untilView(installation, id, ({ verification }) => verification?.step === 'proof');
    await untilContinued(installation, id);
    await cloud.putAwsRole({ name: 'late', trustPolicy: JSON.parse(policy) as object });
    await platform.call('POST', path(id, '/try-now')).catch(() => undefined);
    await platform.until(id, 'active', 60_000);
    await leave(installation, id);
    return { workflows: [id], carried: { name: 'verifying-proof', id } };
  },

  async active(installation) {
    const { platform } = installation;
    const { id, discovery } = await installation.connect();
    const handle = handleOf(installation, id);
    for (const each of garbage) {
      await handle.signal(messages.oauthCallback, each);
      await handle.signal(messages.discoveryDone, each);
    }
    await platform.call('PATCH', path(id), { name: 'renamed', tags: ['recorded'] });
    await untilContinued(installation, id);
    await platform.call('POST', path(id, '/refresh'));
    await platform.call('POST', path(id, '/discover'));
    await platform.until(id, (connection) => hasDiscovered(connection), 60_000);
    await leave(installation, id);
    return {
      workflows: [id, ...(discovery ? [discoveryWorkflowId(id)] : [])],
      carried: { name: 'active', id },
    };
  },

  async paused(installation) {
    const { platform } = installation;
    const { id } = await installation.connect();
    await platform.call('POST', path(id, '/pause'));
    await untilContinued(installation, id);
    await platform.call('POST', path(id, '/resume'));
    await platform.until(id, 'active');
    await leave(installation, id);
    return { workflows: [id], carried: { name: 'paused', id } };
  },

  async disconnecting(installation) {
    const { platform, cloud } = installation;
    const { id } = await installation.connect({ region: 'ovh-ca' });
    await cloud.fault({ endpoint: 'revoke', region: 'ovh-ca' }, { kind: 'respond', status: 503 }, 6);
    await platform.call('DELETE', path(id));
    await untilContinued(installation, id, 'disconnect');
    await platform.until(id, 'disconnected', 90_000);
    return { workflows: [id], carried: { name: 'disconnecting', id } };
  },

  /** An operator's Cancel in the Temporal UI. */
  async cancelled(installation) {
    const { id } = await installation.connect();
    const handle = handleOf(installation, id);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    await untilStatus(installation, id, 'stopped');
    return { workflows: [id] };
  },
};

const hasDiscovered = ({ discovery }: Connection): boolean => discovery?.running === null && discovery.last !== null;
