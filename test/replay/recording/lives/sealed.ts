import { problems } from '../../../../contracts/problem.ts';
import type { Installation } from '../installation.ts';
import { leave, untilContinued, untilView, type Lives } from '../life.ts';

const untilSealed = async (installation: Installation, id: string) =>
  await untilView(installation, id, ({ problem }) => problem?.code === problems.storeUnavailable.code);

const renewedAndSealed = async (installation: Installation) => {
  const { id } = await installation.connect();
  const accept = installation.refuseWrites(id, 'renewed');
  await installation.platform.call('POST', `/v1/connections/${id}/refresh`).catch(() => undefined);
  await untilSealed(installation, id);
  return { id, accept };
};

/** A reply in hand that the secret store would not take. */
export const sealed: Lives = {
  async 'sealed-and-stored'(installation) {
    const { id, accept } = await renewedAndSealed(installation);
    await untilContinued(installation, id);
    accept();
    await installation.platform.until(
      id,
      ({ credential, status }) => status === 'active' && credential?.generation === 2,
      90_000,
    );
    await leave(installation, id);
    return { workflows: [id], carried: { name: 'sealed', id } };
  },

  /** It is revoked with the rest. */
  async 'sealed-and-left'(installation) {
    const { id, accept } = await renewedAndSealed(installation);
    await leave(installation, id);
    accept();
    return { workflows: [id] };
  },

  async 'sealed-sign-in'(installation) {
    const { platform } = installation;
    const { connection, invitation } = await platform.invite();
    const { id } = connection;
    const accept = installation.refuseWrites(id, 'signed in');
    await (await installation.signIn(invitation.url)).arrive();
    await untilSealed(installation, id);
    accept();
    await platform.until(id, 'active', 90_000);
    await leave(installation, id);
    return { workflows: [id] };
  },
};
