import type { App } from '../../../api/http/app-types.ts';
import type { Stack } from './stack.ts';

type Reply = Awaited<ReturnType<App['inject']>>;

/** A browser, as far as the pages need one: it keeps cookies and says where its forms come from. */
export interface Browser {
  readonly cookies: ReadonlyMap<string, string>;
  open(address: string): Promise<Reply>;
  /** Submits the form of the page at this address. */
  submit(address: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Reply>;
}

export function openBrowser({ app, publicUrl }: Pick<Stack, 'app' | 'publicUrl'>): Browser {
  const cookies = new Map<string, string>();
  const pathOf = (address: string): string => {
    const url = new URL(address, publicUrl);
    return url.pathname + url.search;
  };
  const cookieHeader = (): Record<string, string> =>
    cookies.size === 0 ? {} : { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
  const keep = (reply: Reply): Reply => {
    for (const { name, value } of reply.cookies) cookies.set(name, value);
    return reply;
  };
  return {
    cookies,
    open: async (address) => keep(await app.inject({ url: pathOf(address), headers: cookieHeader() })),
    submit: async (address, fields = {}, headers = {}) =>
      keep(
        await app.inject({
          method: 'POST',
          url: pathOf(address),
          headers: {
            ...cookieHeader(),
            'content-type': 'application/x-www-form-urlencoded',
            origin: publicUrl,
            ...headers,
          },
          payload: new URLSearchParams(fields).toString(),
        }),
      ),
  };
}
