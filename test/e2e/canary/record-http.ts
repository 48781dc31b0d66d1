import type { Trace } from '../support/world.ts';

/** Tokens and sessions; keys that sign, where a cloud has no token for them. Never what a token is got with. */
const leased = ['accessToken', 'secretAccessKey', 'sessionToken', 'applicationSecret', 'consumerKey'];

/**
 * Records what passes between people, platforms, clouds and the API: every address, and of what the API answers every
 * header and body. Stands in for `fetch` until it is stopped.
 */
export function recordHttp(apiOf: () => string): { readonly traces: Trace[]; stop(): void } {
  const original = globalThis.fetch;
  const traces: Trace[] = [];
  globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const response = await original(input, init);
    const name = `${init?.method ?? 'GET'} ${url.origin}${url.pathname}`;
    const ofApi = url.origin === apiOf();
    if (!ofApi && url.pathname.startsWith('/_sandbox/')) return response;

    // The cloud's redirect carries the code to the callback: that is what it is for.
    const isCallback = ofApi && url.pathname.endsWith('/callback');
    traces.push({ place: `address of ${name}`, bytes: Buffer.from(url.href), may: isCallback ? ['code'] : [] });
    const location = response.headers.get('location') ?? '';
    traces.push({ place: `redirect of ${name}`, bytes: Buffer.from(location), may: ofApi ? [] : ['code'] });
    if (ofApi) {
      const headers = JSON.stringify([...response.headers].filter(([header]) => header !== 'location'));
      traces.push({ place: `headers of ${name}`, bytes: Buffer.from(headers) });
      // The one answer that is made to hold what calls are made with.
      const may = url.pathname.endsWith('/credentials') ? leased : [];
      traces.push({ place: `answer of ${name}`, bytes: Buffer.from(await response.clone().arrayBuffer()), may });
    }
    return response;
  };
  return { traces, stop: () => void (globalThis.fetch = original) };
}
