import type { Connection } from '../../api/connections/schema.ts';
import { eventually } from './eventually.ts';

export interface Invited {
  readonly connection: Connection;
  readonly invitation: { readonly url: string; readonly expiresAt: string };
}

/** The API's refusal: its status and its problem document. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly code: string;

  constructor(request: string, status: number, problem: { code?: string; detail?: string }) {
    super(`${request} answers ${status} ${problem.code ?? ''}: ${problem.detail ?? ''}`);
    this.status = status;
    this.code = problem.code ?? '';
  }
}

/** What a platform's backend does with one key, over HTTP. */
export interface Platform {
  /** Throws {@link Refused}, or fetch's own error where nobody answers. */
  call<T>(method: string, path: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<T>;
  /** Creates a connection; `more` goes into the body. */
  invite(more?: object): Promise<Invited>;
  get(id: string): Promise<Connection>;
  /** Asks until the connection is as wanted, through restarts of the API too. */
  until(
    id: string,
    wanted: Connection['status'] | ((connection: Connection) => boolean),
    withinMs?: number,
  ): Promise<Connection>;
}

export function createPlatform(api: string, apiKey: string): Platform {
  const platform: Platform = {
    async call<T>(method: string, path: string, body?: object, headers = {}) {
      const response = await fetch(`${api}${path}`, {
        method,
        headers: {
          ...headers,
          authorization: `Bearer ${apiKey}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await response.text();
      const answer: unknown = text === '' ? undefined : JSON.parse(text);
      if (!response.ok) throw new Refused(`${method} ${path}`, response.status, answer ?? {});
      return answer as T;
    },
    invite: async (more) => await platform.call('POST', '/v1/connections', { ...ovhEurope, ...more }),
    get: async (id) => await platform.call('GET', `/v1/connections/${id}`),
    async until(id, wanted, withinMs = 15_000) {
      const fits = typeof wanted === 'function' ? wanted : ({ status }: Connection) => status === wanted;
      const what = typeof wanted === 'function' ? 'in the state waited for' : wanted;
      let last: Connection | undefined;
      try {
        return await eventually(
          `${id} to be ${what}`,
          async () => {
            last = await platform.get(id);
            return fits(last) && last;
          },
          withinMs,
        );
      } catch (error) {
        throw new Error(`${(error as Error).message} It was: ${JSON.stringify(last)}`, { cause: error });
      }
    },
  };
  return platform;
}

const ovhEurope = { provider: 'ovh', region: 'ovh-eu' } as const;
