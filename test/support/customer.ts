import type { Connection } from '../../api/connections/schema.ts';
import { createSandboxClient, type SandboxClient } from '../../sandbox/client.ts';
import { createBrowser, type Browser } from './browser.ts';
import { createPlatform, type Invited, type Platform } from './platform.ts';

/** Where a running stack is found: what its dev.json says. */
export interface RunningStack {
  readonly api: string;
  readonly apiKey: string | null;
  readonly sandbox: string | null;
}

export interface SignInOptions {
  /** Default: a browser of its own. */
  readonly browser?: Browser;
  readonly passcode?: string;
  readonly account?: string;
  readonly decision?: 'approve' | 'refuse';
}

/** A sign-in that the cloud has answered; its redirect has not reached Mooring yet. */
export interface SignedIn {
  readonly browser: Browser;
  readonly callback: URL;
  /** Follows the redirect; throws unless Mooring answers 303. Answers the address of the result page. */
  arrive(): Promise<URL>;
}

/** Both people of a first connection: the platform that asks, and its customer who signs in at the sandbox. */
export interface Customer {
  readonly platform: Platform;
  readonly cloud: SandboxClient;
  /** Presses Continue on the invitation's page and decides at the cloud. */
  signIn(invitationUrl: string, options?: SignInOptions): Promise<SignedIn>;
  /** From nothing to a callback that was delivered; the rest is Mooring's. `more` goes into the create call. */
  onboard(more?: object, options?: SignInOptions): Promise<Invited>;
  /** From nothing to `active`. */
  connect(more?: object, options?: SignInOptions): Promise<Connection>;
}

/** Drives a running stack over HTTP, as the outside does; throws where an answer is not the one of the happy path. */
export function createCustomer({ api, apiKey, sandbox }: RunningStack): Customer {
  if (apiKey === null || sandbox === null) throw new Error('This stack has no API key or no sandbox of its own.');
  const platform = createPlatform(api, apiKey);
  const cloud = createSandboxClient(sandbox);

  const customer: Customer = {
    platform,
    cloud,
    async signIn(invitationUrl, { browser = createBrowser(), passcode, ...decision } = {}) {
      const fields = passcode === undefined ? undefined : { passcode };
      const authorizeUrl = redirectOf(await browser.submit(invitationUrl, fields), invitationUrl);
      const callback = await cloud.decide(authorizeUrl, decision);
      return {
        browser,
        callback,
        arrive: async () => redirectOf(await browser.open(callback), callback),
      };
    },
    async onboard(more, options) {
      const invited = await platform.invite(more);
      await (await customer.signIn(invited.invitation.url, options)).arrive();
      return invited;
    },
    async connect(more, options) {
      const { connection } = await customer.onboard(more, options);
      return await platform.until(connection.id, 'active');
    },
  };
  return customer;
}

function redirectOf(response: Response, from: string | URL): URL {
  const location = response.headers.get('location');
  if (response.status === 303 && location !== null) return new URL(location, from);
  throw new Error(`${new URL(from).pathname} answers ${response.status}, not a redirect.`);
}
