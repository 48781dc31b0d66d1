import { askedFor, type Wave } from './wave.ts';
import { untilHeld } from './held.ts';

const points = {
  stateConsumed: 'the callback was answered, the code not yet sent',
  exchangeSent: 'the code is on its way to the cloud',
  exchangeReplied: 'the code is spent, the reply not stored',
  grantStored: 'the grant is stored, the proof of it under way',
  revokeSent: 'the revocation is on its way to the cloud',
  revokeReplied: 'the token is revoked, the reply not there',
} as const;
type Point = keyof typeof points;

/** Requests of three regions, so that each meets the fault that is meant for it. */
const regions: Readonly<Record<Point, string>> = {
  stateConsumed: 'ovh-ca',
  exchangeSent: 'ovh-eu',
  exchangeReplied: 'ovh-us',
  grantStored: 'ovh-ca',
  revokeSent: 'ovh-eu',
  revokeReplied: 'ovh-us',
};
const signIns = ['stateConsumed', 'exchangeSent', 'exchangeReplied', 'grantStored'] as const;

/** Sign-ins and disconnections. */
export const comingAndGoing: Wave<Point> = {
  name: 'coming and going',
  points,

  async poise(customer) {
    const arriving = async (point: Point) => {
      const { connection, invitation } = await customer.platform.invite({ region: regions[point], name: point });
      const redirect = await customer.signIn(invitation.url);
      const again = async () => await (await customer.signIn(invitation.url)).arrive();
      return { connection: connection.id, arrive: async () => await redirect.arrive(), again };
    };
    const leaving = async (point: Point) => ({
      connection: (await customer.connect({ region: regions[point], name: point })).id,
    });
    const [stateConsumed, exchangeSent, exchangeReplied, grantStored, revokeSent, revokeReplied] = await Promise.all([
      arriving('stateConsumed'),
      arriving('exchangeSent'),
      arriving('exchangeReplied'),
      arriving('grantStored'),
      leaving('revokeSent'),
      leaving('revokeReplied'),
    ]);
    return { stateConsumed, exchangeSent, exchangeReplied, grantStored, revokeSent, revokeReplied };
  },

  async reach(poised, { customer: { platform, cloud }, freeze }) {
    await cloud.fault({ endpoint: 'token.*', region: 'ovh-eu' }, { kind: 'hold_before' });
    await cloud.fault({ endpoint: 'token.*', region: 'ovh-us' }, { kind: 'hold_after' });
    await cloud.fault({ endpoint: 'auth.details', region: 'ovh-ca' }, { kind: 'hold_before' });
    await cloud.fault({ endpoint: 'revoke', region: 'ovh-eu' }, { kind: 'hold_before' });
    await cloud.fault({ endpoint: 'revoke', region: 'ovh-us' }, { kind: 'hold_after' });
    await Promise.all([
      platform.call('DELETE', `/v1/connections/${poised.revokeSent.connection}`),
      platform.call('DELETE', `/v1/connections/${poised.revokeReplied.connection}`),
      poised.exchangeSent.arrive?.(),
      poised.exchangeReplied.arrive?.(),
      poised.grantStored.arrive?.(),
    ]);
    await untilHeld(cloud, 5);
    freeze();
    await poised.stateConsumed.arrive?.();
  },

  outcomeOf(point, connection) {
    if (connection.status === 'disconnected') return 'disconnected';
    const isArriving = (signIns as readonly Point[]).includes(point);
    return isArriving && connection.status === 'active' ? 'connected' : askedFor(connection);
  },
};
