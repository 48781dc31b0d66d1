/** A browser without a screen: keeps cookies, says where its forms come from, follows no redirect by itself. */
export interface Browser {
  open(address: string | URL): Promise<Response>;
  /** Submits the form of the page at this address. */
  submit(address: string | URL, fields?: Readonly<Record<string, string>>): Promise<Response>;
}

export function createBrowser(): Browser {
  const cookies = new Map<string, string>();

  async function send(address: string | URL, init: RequestInit, headers: Record<string, string> = {}) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(address, {
      ...init,
      redirect: 'manual',
      headers: { ...headers, ...(cookie === '' ? {} : { cookie }) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return response;
  }

  return {
    open: async (address) => await send(address, {}),
    submit: async (address, fields = {}) =>
      await send(
        address,
        { method: 'POST', body: new URLSearchParams(fields) },
        { origin: new URL(address).origin, 'sec-fetch-site': 'same-origin' },
      ),
  };
}
