import { Type } from 'typebox';

import type { Clock } from '../../../platform/clock.ts';
import { createSlots } from '../../../platform/slots.ts';
import type { Http } from '../../http/http.ts';
import type { ListContext, Loss } from '../../listing/lister.ts';
import { ProviderError } from '../../provider.ts';
import { checkedApiUrl, createOvhClient, credentialOf } from '../client.ts';
import { AuthDetailsSchema } from '../schema.ts';
import { isDenied, listingError, lossOf, pagesWithoutEnd } from './errors.ts';
import type { OvhKindId } from './kinds.ts';
import type { Pace } from './pace.ts';

export type Row = Readonly<Record<string, unknown>>;

export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The API for the length of one listing. Everything it throws is a `ProviderError`, or the signal's reason. */
export interface RestApi {
  /** All pages of a list. An answer that is no list is thrown. */
  readonly list: (path: string) => Promise<readonly unknown[]>;
  /** An object; an answer that is none is thrown. */
  readonly get: (path: string) => Promise<Row>;
  /** Many at once, results in the order of the paths; one that fails is a loss, and null here. */
  readonly each: <T>(paths: readonly string[], read: (path: string) => Promise<T>) => Promise<(T | null)[]>;
  readonly lose: (loss: Loss) => void;
  /** Waits until the connection may send calls again. */
  readonly opened: () => Promise<void>;
  readonly losses: readonly Loss[];
  /** Whether the cloud still takes the credential, by the account's own call. Throws where it does not say. */
  readonly acceptsCredential: () => Promise<boolean>;
}

interface RestDependencies {
  readonly http: Http;
  readonly clock: Clock;
}

interface RestUse {
  readonly kind: OvhKindId;
  readonly pace: Pace;
  /** Unix milliseconds. A call that would have to wait for longer fails instead. */
  readonly endsAtMs: number;
}

/** As many as the program asks for. */
const PARALLEL = 10;
const MOST_PAGES = 1_000;
const ObjectSchema = Type.Record(Type.String(), Type.Unknown());

export function createRestApi({ http, clock }: RestDependencies, context: ListContext, use: RestUse): RestApi {
  const { record, signal } = context;
  const { kind, pace, endsAtMs } = use;
  checkedApiUrl(context.region);
  const region = context.region.manifest;
  const losses: Loss[] = [];
  const slots = createSlots(PARALLEL);
  const around = async (send: () => Promise<Response>): Promise<Response> =>
    await slots.use(signal, async () => await pace.send({ signal, endsAtMs }, send));
  const client = createOvhClient({ http, clock, around }, context.region, credentialOf(record));

  /** An aborted call fails like one that was not answered: the signal's own reason is thrown instead. */
  const named = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw listingError(error, { kind, path, region });
    }
  };

  async function allPages(path: string): Promise<readonly unknown[]> {
    const rows: unknown[][] = [];
    const seen = new Set(['']);
    for (let cursor = ''; ;) {
      const page = await client.page(path, Type.Unknown(), cursor, signal);
      rows.push([...page.rows]);
      if (page.next === null) return rows.flat();
      if (seen.has(page.next) || seen.size >= MOST_PAGES) {
        losses.push(pagesWithoutEnd(path));
        return rows.flat();
      }
      seen.add(page.next);
      cursor = page.next;
    }
  }

  let accepted: Promise<boolean> | undefined;

  async function askAccount(): Promise<boolean> {
    const path = '/auth/details';
    try {
      await named(path, () => client.call({ method: 'GET', path, reply: AuthDetailsSchema, signal }));
      return true;
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (error.class === 'revoked') return false;
      // A key that may not even ask this is a key that is known.
      if (isDenied(error)) return true;
      throw error;
    }
  }

  return {
    losses,
    lose: (loss) => void losses.push(loss),
    opened: async () => await named('/', async () => await pace.opened({ signal, endsAtMs })),
    list: async (path) => await named(path, async () => await allPages(path)),
    get: async (path) =>
      await named(path, async () => await client.call({ method: 'GET', path, reply: ObjectSchema, signal })),
    each: async (paths, read) =>
      await Promise.all(
        paths.map(async (path) => {
          try {
            return await read(path);
          } catch (error) {
            signal.throwIfAborted();
            losses.push(lossOf(path, listingError(error, { kind, path, region })));
            return null;
          }
        }),
      ),
    acceptsCredential: async () => await (accepted ??= askAccount()),
  };
}
