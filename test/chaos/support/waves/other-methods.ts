import type { Guide } from '../../../../api/connections/guide.ts';
import type { Customer } from '../../../support/customer.ts';
import { connectBy, waysIn, type WayIn } from '../../../support/ways.ts';
import { untilHeld } from './held.ts';
import { askedFor, isRenewed, type Outcome, type Poised, type Wave } from './wave.ts';

/** One way of each method; OVHcloud's sign-in has waves of its own. */
const ways = waysIn.filter(
  ({ cloud, method, account }, index) =>
    !(cloud === 'ovh' && account !== undefined) &&
    waysIn.findIndex((other) => other.cloud === cloud && other.method === method) === index,
);

const pointsOf = (where: (way: WayIn) => string) => Object.fromEntries(ways.map((way) => [way.name, where(way)]));
const poisedBy = async (poise: (way: WayIn) => Promise<Poised>) =>
  Object.fromEntries(await Promise.all(ways.map(async (way) => [way.name, await poise(way)] as const)));

/** Refreshes, held before the cloud acts or after. */
export const renewals: readonly Wave[] = (['hold_before', 'hold_after'] as const).map((kind) => {
  const moment = kind === 'hold_before' ? 'is on its way to the cloud' : 'was answered, the reply not stored';
  return {
    name: `renewals by other methods, ${kind === 'hold_before' ? 'sent' : 'replied'}`,
    points: pointsOf(({ renewal }) => `${renewal} ${moment}`),
    poise: async (customer) =>
      await poisedBy(async (way) => ({ connection: (await connectBy(customer, way, { name: way.name })).id })),
    async reach(poised, { customer: { platform, cloud }, freeze }) {
      for (const { cloud: at, region, renewal } of ways) {
        await cloud.fault({ cloud: at, region, endpoint: renewal }, { kind });
      }
      for (const { connection } of Object.values(poised)) {
        platform.call('POST', `/v1/connections/${connection}/refresh`).catch(() => {});
      }
      await untilHeld(cloud, ways.length);
      freeze();
    },
    outcomeOf: (_point, connection) => (isRenewed(connection) ? 'renewed' : askedFor(connection)),
  };
});

/** Comes in up to the redirect, or to what is to be submitted. */
async function comingIn(customer: Customer, { account, submit, ...way }: WayIn): Promise<Poised> {
  const { platform } = customer;
  const { cloud: provider, region, method, name } = way;
  const { connection, invitation } = await platform.invite({ provider, region, method, name });
  const { id } = connection;
  if (!submit) {
    const signIn = async () => await customer.signIn(invitation.url, account === undefined ? {} : { account });
    const redirect = await signIn();
    return {
      connection: id,
      arrive: async () => await redirect.arrive(),
      again: async () => await (await signIn()).arrive(),
    };
  }
  const submission = await submit(customer, await platform.call<Guide>('GET', `/v1/connections/${id}/guide`));
  return {
    connection: id,
    arrive: async () => await platform.call('POST', `/v1/connections/${id}/submission`, submission),
  };
}

/** First credentials: codes that are redeemed, and what is minted out of what was submitted. */
export const arrivals: Wave & { readonly codesLost: Readonly<Record<string, Outcome>> } = {
  name: 'coming in by other methods, replied',
  points: pointsOf(() => 'the first credential was given, the reply not stored'),
  codesLost: Object.fromEntries(
    ways.filter(({ account }) => account !== undefined).map(({ name }) => [name, 'exchange_response_lost' as const]),
  ),
  poise: async (customer) => await poisedBy(async (way) => await comingIn(customer, way)),
  async reach(poised, { customer: { cloud }, freeze }) {
    for (const { cloud: at, region, renewal, account } of ways) {
      const endpoint = account === undefined ? renewal : 'token.code';
      await cloud.fault({ cloud: at, region, endpoint }, { kind: 'hold_after' });
    }
    for (const { arrive } of Object.values(poised)) arrive?.().catch(() => {});
    await untilHeld(cloud, ways.length);
    freeze();
  },
  outcomeOf: (_point, connection) => (connection.status === 'active' ? 'connected' : askedFor(connection)),
};
