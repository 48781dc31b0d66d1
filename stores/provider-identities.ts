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

/** Who Mooring is at a cloud (`accountId`, …), or why that is not known. Nothing secret. */
export type ProviderIdentity = Readonly<Static<typeof Published>>;

/** A worker that is gone for as long as this proves nothing, one way or the other. */
const LIFE_SECONDS = 15 * 60;

/**
 * What the worker, which has our own cloud credentials, tells the API, which has not. Every function rejects as the
 * ephemeral store does.
 */
export interface ProviderIdentities {
  /** Undefined where no worker has said anything lately. */
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
