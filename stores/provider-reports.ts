import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { ephemeralKeys } from './ephemeral/keys.ts';
import type { EphemeralStore } from './ephemeral/port.ts';

const problem = { code: Type.String(), message: Type.String(), remedy: Type.String() };
const Report = Type.Object({
  /** By method: what the worker has no setting for. A method that is ready is left out. */
  notReady: Type.Record(Type.String(), Type.Object({ ...problem, variables: Type.Array(Type.String()) })),
  /** Mooring's own identity at the cloud (`accountId`, …), or why it is not known. Null where no method needs one. */
  identity: Type.Union([
    Type.Object({ outcome: Type.Literal('known'), identity: Type.Record(Type.String(), Type.String()) }),
    Type.Object({ outcome: Type.Literal('problem'), problem: Type.Object(problem) }),
    Type.Null(),
  ]),
});
const report = Compile(Report);

/** What a worker says of one region of a cloud. Holds no secret. */
export type ProviderReport = Readonly<Static<typeof Report>>;

/** If no worker has reported for this long, nothing is known. */
const LIFE_SECONDS = 15 * 60;

/**
 * Written by the workers, which have the clouds' secrets and Mooring's own credentials, for the API, which has neither.
 * Customers are asked to trust the identity in it, so it is read from a store that seals its values. Every function
 * rejects as the ephemeral store does.
 */
export interface ProviderReports {
  /** Undefined if no worker has reported lately. */
  read(provider: string, region: string): Promise<ProviderReport | undefined>;
  publish(provider: string, region: string, report: ProviderReport): Promise<void>;
}

export function createProviderReports(deps: {
  readonly ephemeral: Pick<EphemeralStore, 'get' | 'put'>;
}): ProviderReports {
  const { ephemeral } = deps;
  return {
    async read(provider, region) {
      const value = await ephemeral.get(ephemeralKeys.providerReport(provider, region));
      return report.Check(value) ? value : undefined;
    },
    async publish(provider, region, value) {
      await ephemeral.put(ephemeralKeys.providerReport(provider, region), value, LIFE_SECONDS);
    },
  };
}
