// The package brings no types; these are the parts that the harness uses.
declare module 'oidc-provider' {
  import type { EventEmitter } from 'node:events';
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface Interaction {
    readonly uid: string;
    readonly prompt: { readonly name: string; readonly details: { readonly missingOIDCScope?: string[] } };
    readonly params: { readonly client_id: string };
    readonly session?: { readonly accountId: string };
  }

  export class Grant {
    constructor(of: { accountId: string; clientId: string });
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  }

  export class Provider extends EventEmitter {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    readonly Grant: typeof Grant;
    readonly AccessToken: {
      find(
        token: string,
        options?: { ignoreExpiration?: boolean },
      ): Promise<{ readonly accountId: string; readonly isExpired: boolean } | undefined>;
    };
    readonly ClientCredentials: {
      find(
        token: string,
        options?: { ignoreExpiration?: boolean },
      ): Promise<{ readonly isExpired: boolean } | undefined>;
    };
    readonly RefreshToken: { find(token: string): Promise<{ readonly accountId: string } | undefined> };
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: Readonly<Record<string, unknown>>,
      options: { mergeWithLastSubmission: boolean },
    ): Promise<void>;
  }

  export default Provider;
}
