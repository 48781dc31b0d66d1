import { expect } from 'vitest';
import type { Connection } from '../../../api/connections/schema.ts';
import { openBrowser, type Browser } from './browser.ts';
import { eventually } from '../../support/eventually.ts';
import type { Stack } from './stack.ts';

export interface Invited {
  readonly connection: Connection;
  readonly invitation: { readonly url: string; readonly expiresAt: string; readonly passcode?: string };
}
type Headers = Record<string, string>;

/** What a platform's backend does, with one key. */
export function platform({ app }: Stack, headers: Headers) {
  const call = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object, more: Headers = {}) =>
    app.inject({
      method,
      url: `/v1/connections${path}`,
      headers: { ...headers, ...more },
      ...(payload ? { payload } : {}),
    });
  return {
    call,
    async invite(more: object = {}): Promise<Invited> {
      const reply = await call('POST', '', { provider: 'ovh', region: 'ovh-eu', ...more });
      expect(reply.statusCode, reply.body).toBe(201);
      return reply.json<Invited>();
    },
    get: async (id: string) => (await call('GET', `/${id}`)).json<Connection>(),
    async until(id: string, status: Connection['status']): Promise<Connection> {
      return await eventually(`${id} to be ${status}`, async () => {
        const connection = (await call('GET', `/${id}`)).json<Connection>();
        return connection.status === status && connection;
      });
    },
  };
}
export type Platform = ReturnType<typeof platform>;

/** Presses Continue and signs in at the cloud; answers where the cloud sends the browser back to. */
export async function signIn(
  stack: Stack,
  url: string,
  options: { browser?: Browser; decision?: 'approve' | 'refuse'; account?: string; passcode?: string } = {},
): Promise<{ browser: Browser; callback: string; authorizeUrl: URL }> {
  const { browser = openBrowser(stack), passcode, ...decision } = options;
  const reply = await browser.submit(url, passcode === undefined ? {} : { passcode });
  expect(reply.statusCode, reply.body).toBe(303);
  const authorizeUrl = new URL(reply.headers.location ?? '');
  return { browser, authorizeUrl, callback: (await stack.cloud.decide(authorizeUrl, decision)).href };
}

/** From nothing to `active`. */
export async function connect(stack: Stack, backend: Platform, more: object = {}): Promise<Invited> {
  const invited = await backend.invite(more);
  const { browser, callback } = await signIn(stack, invited.invitation.url);
  expect((await browser.open(callback)).statusCode).toBe(303);
  await backend.until(invited.connection.id, 'active');
  return invited;
}
