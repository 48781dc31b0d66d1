export interface Decision {
  readonly account?: string;
  readonly decision?: 'approve' | 'refuse';
}

const MAX_STEPS = 10;

/** Follows redirects with cookies, as a browser does, until one leaves the server. Answers that one's target. */
export async function walk(origin: string, start: URL, decision: Decision = {}): Promise<URL> {
  const { account = 'la12345-ovh', decision: verdict = 'approve' } = decision;
  const cookies = new Map<string, string>();
  let url = start;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    if (url.pathname.startsWith('/interaction/'))
      url.search = new URLSearchParams({ account, decision: verdict }).toString();
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`The sign-in ended at ${response.status}: ${await response.text()}`);
    url = new URL(location, url);
    if (url.origin !== origin) return url;
  }
  throw new Error(`The sign-in did not come back after ${MAX_STEPS} steps.`);
}
