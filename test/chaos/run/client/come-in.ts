import type { Guide } from '../../../../api/connections/guide.ts';
import type { Customer } from '../../../support/customer.ts';
import { waysIn, type WayIn } from '../../../support/ways.ts';
import type { Random } from '../random.ts';
import { isOk, type Answer, type Api } from './http.ts';
import { FIRST_TAG, type Entry } from './ledger.ts';

/** A person gives up on a page that does not load. */
const PATIENCE_MS = 35_000;

const weights: Readonly<Record<string, number>> = {
  'OVHcloud, sign-in': 10,
  'OVHcloud, a service account that is there': 1,
  'OVHcloud, API credentials': 1,
  'AWS, role': 2,
  'Azure, sign-in': 3,
  'Azure, service principal': 1,
  'Google Cloud, sign-in': 2,
};

/** Most of them spend rotating refresh tokens, where the most can be lost. */
export const drawWay = (random: Random): WayIn =>
  random.pickWeighted(waysIn.map((way) => ({ way, weight: weights[way.name] ?? 0 }))).way;

/** Both people of a connection: whoever asks for it, and the customer who lets it in. */
export interface People {
  /** Asks for a connection, again and again with the same key. */
  create(entry: Entry): Promise<boolean>;
  /** What the customer does with the link, or with the form. False where it did not work out this time. */
  comeIn(entry: Entry): Promise<boolean>;
  /** Asks for a link to sign in again; the customer then comes in. */
  reauthorize(entry: Entry): Promise<boolean>;
  /** A new link in the place of one that ran out. */
  invite(entry: Entry): Promise<boolean>;
}

export function createPeople(api: Api, customer: Customer): People {
  async function signIn(entry: Entry, account: string): Promise<boolean> {
    if (entry.invitationUrl === null) return false;
    const signedIn = await customer.signIn(entry.invitationUrl, { account });
    const code = signedIn.callback.searchParams.get('code');
    if (code !== null) entry.codes.set(code, Date.now());
    await signedIn.arrive();
    return true;
  }

  async function submit(entry: Entry, submission: NonNullable<WayIn['submit']>): Promise<boolean> {
    const guide = await api.call('guide', 'GET', `/v1/connections/${entry.id}/guide`);
    if (guide.status !== 200) return false;
    const body = await submission(customer, guide.body as Guide);
    return isOk(await api.call('submit', 'POST', `/v1/connections/${entry.id}/submission`, { body }));
  }

  const linkFrom = (entry: Entry, answer: Answer): boolean => {
    if (!isOk(answer)) return false;
    const { connection, invitation } = answer.body as { connection: { id: string }; invitation: { url: string } };
    entry.id = connection.id;
    entry.invitationUrl = invitation.url;
    return true;
  };

  return {
    async create(entry) {
      const { cloud: provider, region, method } = entry.way;
      const body = { provider, region, method, tags: [FIRST_TAG] };
      const asked = { body, idempotencyKey: entry.key };
      if (!linkFrom(entry, await api.call('create', 'POST', '/v1/connections', asked))) return false;
      entry.acceptedAtMs ??= Date.now();
      return true;
    },
    async comeIn(entry) {
      const { account, submit: submission } = entry.way;
      try {
        if (account !== undefined) return await inTime(signIn(entry, account));
        return submission !== undefined && (await inTime(submit(entry, submission)));
      } catch {
        // The page did not load, or the cloud's did not: a person tries again later.
        return false;
      }
    },
    async reauthorize(entry) {
      const path = `/v1/connections/${entry.id}/reauthorize`;
      return linkFrom(entry, await api.call('reauthorize', 'POST', path, { body: {} }));
    },
    async invite(entry) {
      return linkFrom(entry, await api.call('invite', 'POST', `/v1/connections/${entry.id}/invitation`, { body: {} }));
    },
  };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('It took too long.')), PATIENCE_MS);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
