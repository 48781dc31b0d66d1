import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { ephemeralKeys } from './ephemeral/keys.ts';
import type { EphemeralStore } from './ephemeral/port.ts';

const Facts = Type.Record(Type.String(), Type.String());
const Published = Type.Union([
  Type.Object({ outcome: Type.Literal('known'), identity: Facts }),
  Type.Object({
    outcome: Type.Literal('problem'),
    problem: Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() }),
  }),
]);
const published = Compile(Published);

/** Mooring's own identity at a cloud (`accountId`, …), or why it is not known. Nothing secret. */
export type ProviderIdentity = Readonly<Static<typeof Published>>;

/** If no worker has published for this long, the identity counts as unknown. */
const LIFE_SECONDS = 15 * 60;

/**
 * Published by the worker, which has Mooring's own cloud credentials, for the API, which has none. Every function
 * rejects as the ephemeral store does.
 */
export interface ProviderIdentities {
  /** Undefined if no worker has published it lately. */
  read(provider: string, region: string): Promise<ProviderIdentity | undefined>;
  publish(provider: string, region: string, identity: ProviderIdentity): Promise<void>;
}

export function createProviderIdentities(deps: {
  readonly ephemeral: Pick<EphemeralStore, 'get' | 'put'>;
}): ProviderIdentities {
  const { ephemeral } = deps;
  return {
    async read(provider, region) {
      const value = await ephemeral.get(ephemeralKeys.providerIdentity(provider, region));
      return published.Check(value) ? value : undefined;
    },
    async publish(provider, region, identity) {
      await ephemeral.put(ephemeralKeys.providerIdentity(provider, region), identity, LIFE_SECONDS);
    },
  };
}
