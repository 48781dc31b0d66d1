import type {} from 'vitest';

/**
 * The real components that a test run found and started, provided to suites by the integration project's global
 * set-up (`inject('components')`). A null one is not on this machine: its suites are skipped, by name.
 */
export interface Components {
  /** One Temporal dev server for the run, with Mooring's search attributes registered. */
  readonly temporal: { readonly address: string; readonly namespace: string } | null;
  /** The time-skipping test server's executable; each test file starts a server of its own. */
  readonly timeSkipping: { readonly path: string } | null;
  /** `vault server -dev`, with a root token for set-up only: suites make their own mount and AppRole. */
  readonly vault: { readonly address: string; readonly rootToken: string; readonly path: string } | null;
  readonly redis: { readonly url: string; readonly path: string } | null;
  readonly chromium: { readonly path: string } | null;
  /** An AWS STS and IAM that enforces trust policies; started with its credential checks on. */
  readonly ministack: { readonly url: string } | null;
  /** A Python that has OVHcloud's own client: what our signatures are held against. */
  readonly ovhPython: { readonly path: string } | null;
  /** Makes requests from the OpenAPI document, and checks the replies against it. */
  readonly schemathesis: { readonly path: string } | null;
}

declare module 'vitest' {
  export interface ProvidedContext {
    components: Components;
  }
}
