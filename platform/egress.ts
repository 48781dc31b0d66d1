import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import { EnvHttpProxyAgent, type Agent, type Dispatcher } from 'undici';
import { ConfigError, type Config } from './config.ts';
import type { Secret } from './secret.ts';

/** How requests leave this process: through which proxy, and which authorities are trusted. */
export interface Egress {
  readonly fetch: typeof fetch;
  /** For undici's `request`, with options of one's own. A connector of one's own must know the authorities. */
  readonly dispatcher: (options?: Agent.Options) => Dispatcher;
  /** In PEM; undefined where they are Node's own. */
  readonly authorities: readonly string[] | undefined;
}

/** Requests to this machine itself never go through a proxy. */
const OWN_MACHINE = ['localhost', '127.0.0.1', '[::1]'];

/** Throws {@link ConfigError} where the file of authorities cannot be used. */
export function createEgress({ httpsProxy, httpProxy, noProxy, caFile }: Config['egress']): Egress {
  const authorities = caFile === undefined ? undefined : readAuthorities(caFile);
  const tls = authorities && { ca: [...authorities] };
  const dispatcher = (options: Agent.Options = {}): Dispatcher =>
    new EnvHttpProxyAgent({
      ...options,
      // Empty where there is none: undici would read the environment otherwise.
      httpsProxy: addressOf(httpsProxy),
      httpProxy: addressOf(httpProxy),
      noProxy: [...(noProxy === undefined ? [] : [noProxy]), ...OWN_MACHINE].join(','),
      ...(tls && { connect: options.connect ?? tls, proxyTls: tls }),
      // What is sent through a tunnel has a connector of its own, which does not know the options above.
      requestTls: { ...tls, maxCachedSessions: options.maxCachedSessions ?? null },
    });
  // A resumed TLS session may lead to the same server of a cloud, which can go on seeing an old trust policy for minutes.
  const ofFetch = dispatcher({ maxCachedSessions: 0 });
  return {
    // Node's fetch accepts a dispatcher of undici; the cast is needed because Node's types have their own copy of it.
    fetch: async (input, init) => await fetch(input, { ...init, dispatcher: ofFetch } as unknown as RequestInit),
    dispatcher,
    authorities,
  };
}

/** Without a path, which some people give and no proxy has. */
function addressOf(proxy: Secret<string> | undefined): string {
  if (!proxy) return '';
  const url = new URL(proxy.reveal());
  url.pathname = '';
  url.search = '';
  return url.href;
}

/** Node's own authorities, those of NODE_EXTRA_CA_CERTS among them, and those of the file. */
function readAuthorities(file: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([
      `MOORING_CA_FILE "${file}" cannot be read (${code}): name a PEM file that Mooring may read.`,
    ]);
  }
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (!found) {
    throw new ConfigError([`MOORING_CA_FILE "${file}" has no certificate: it must be a PEM file of authorities.`]);
  }
  return [...getCACertificates('default'), ...found];
}
