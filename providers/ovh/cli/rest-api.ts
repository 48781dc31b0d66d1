import type { Clock } from '../../../platform/clock.ts';
import { createSlots } from '../../cli/slots.ts';
import { CallError } from '../../http/call-error.ts';
import type { Http } from '../../http/http.ts';
import type { ListContext, Loss } from '../../listing/lister.ts';
import { statusFailure } from '../../http/status-failure.ts';
import { credentialOf, endpointOf } from './credential.ts';
import { listingError, lossOf } from './listing-errors.ts';
import { createAuthenticate } from './rest-signature.ts';

/** The API for the length of one listing. Everything it throws is a `ProviderError`, or the signal's reason. */
export interface RestApi {
  /** All pages of a list. */
  readonly list: (path: string) => Promise<readonly unknown[]>;
  readonly get: (path: string) => Promise<unknown>;
  /** Many at once, results in the order of the paths; one that fails is a loss, and null here. */
  readonly each: <T>(paths: readonly string[], read: (path: string) => Promise<T>) => Promise<(T | null)[]>;
  readonly losses: readonly Loss[];
}

export interface RestDependencies {
  readonly http: Http;
  readonly clock: Clock;
}

/** As many as the program asks for. */
const PARALLEL = 10;

export function createRestApi({ http, clock }: RestDependencies, context: ListContext): RestApi {
  const { region, record, signal } = context;
  const endpoint = endpointOf(region);
  const losses: Loss[] = [];
  const slots = createSlots(PARALLEL);
  const authenticate = createAuthenticate(
    credentialOf(record),
    () => clock.now(),
    async (headers) => Number(await read(await http(`${endpoint}/auth/time`, { method: 'GET', headers, signal }))),
  );

  const read = async (response: Response): Promise<unknown> => {
    if (response.ok) {
      const body = await response
        .clone()
        .json()
        .catch(() => undefined as unknown);
      if (body !== undefined) return body;
    }
    throw new CallError(await statusFailure(response, clock.now()));
  };

  const call = async (path: string, more: Readonly<Record<string, string>> = {}): Promise<Response> => {
    const url = `${endpoint}${path}`;
    return await slots.use(signal, async () => {
      const headers = {
        accept: 'application/json',
        ...(await authenticate({ method: 'GET', url, body: '', signal })),
        ...more,
      };
      return await http(url, { method: 'GET', headers, signal });
    });
  };

  /** An aborted call fails like one that was not answered: whoever aborted shall see their own reason. */
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw listingError(error, region.manifest);
    }
  };

  const list = async (path: string): Promise<readonly unknown[]> => {
    const all: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const response: Response = await call(path, cursor === '' ? {} : { 'x-pagination-cursor': cursor });
      const page = await read(response);
      if (page !== null && !Array.isArray(page)) throw new CallError(await statusFailure(response, clock.now()));
      all.push(...(page ?? []));
      cursor = response.headers.get('x-pagination-cursor-next');
    }
    return all;
  };

  return {
    losses,
    list: async (path) => await told(async () => await list(path)),
    get: async (path) => await told(async () => await read(await call(path))),
    each: async (paths, readOne) =>
      await Promise.all(
        paths.map(async (path) => {
          try {
            return await told(async () => await readOne(path));
          } catch (error) {
            signal.throwIfAborted();
            losses.push(lossOf(path, listingError(error, region.manifest)));
            return null;
          }
        }),
      ),
  };
}
