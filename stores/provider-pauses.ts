import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { nullable } from '../platform/schema.ts';
import { iso } from '../contracts/time.ts';
import type { Clock } from '../platform/clock.ts';
import { createRecent } from '../platform/recent.ts';
import { Secret } from '../platform/secret.ts';
import type { Problem } from '../contracts/problem.ts';
import type { SecretStore } from './secrets/port.ts';

const stored = Compile(
  Type.Object({
    paused: Type.Boolean(),
    /** When it was paused, or resumed. */
    since: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' }),
    reason: nullable(Type.String()),
  }),
);

export interface ProviderPause {
  readonly paused: true;
  /** ISO 8601. */
  readonly since: string;
  /** In the operator's words. */
  readonly reason: string | null;
}

/**
 * Providers that an operator has paused, under `config/providers/{id}`. Every function rejects as the secret store
 * does; RangeError for an invalid id.
 */
export interface ProviderPauses {
  /** Undefined where it is not paused. TypeError for a document that is not one of ours. */
  read(provider: string): Promise<ProviderPause | undefined>;
  /** Pauses it, or changes the reason of a pause that goes on. */
  pause(provider: string, reason: string | null): Promise<ProviderPause>;
  resume(provider: string): Promise<void>;
}

const FOLDER = 'providers/';
const ID = /^[a-z0-9][a-z0-9_.-]{0,62}$/;

export function createProviderPauses(deps: {
  readonly secrets: Pick<SecretStore, 'read' | 'write'>;
  readonly clock: Clock;
}): ProviderPauses {
  const { secrets, clock } = deps;

  async function read(provider: string): Promise<ProviderPause | undefined> {
    const value = (await secrets.read('config', keyOf(provider)))?.data.reveal();
    if (value === undefined) return undefined;
    if (!stored.Check(value) || Number.isNaN(Date.parse(value.since))) {
      throw new TypeError(
        `config/${keyOf(provider)} is not the pause of a provider: pause or resume the provider to replace it.`,
      );
    }
    const { since, reason } = value;
    return value.paused ? { paused: true, since, reason } : undefined;
  }

  const write = async (provider: string, value: { paused: boolean; since: string; reason: string | null }) =>
    await secrets.write('config', keyOf(provider), new Secret(value));

  return {
    read,
    async pause(provider, reason) {
      const since = (await replaceable(read(provider)))?.since ?? iso(clock.now());
      await write(provider, { paused: true, since, reason });
      return { paused: true, since, reason };
    },
    async resume(provider) {
      // The document is rewritten, not deleted, so that the policy needs no right to delete.
      if ((await secrets.read('config', keyOf(provider))) === undefined) return;
      await write(provider, { paused: false, since: iso(clock.now()), reason: null });
    },
  };
}

/** How old a pause may be that {@link recentPauses} answers with. */
const FRESH_MS = 5_000;

/**
 * The same pauses, read at most every five seconds. While the secret store does not answer, its last answer is used. A
 * change by this process is visible to it at once.
 */
export function recentPauses(pauses: ProviderPauses, clock: Clock): ProviderPauses {
  const last = new Map<string, ProviderPause | undefined>();
  const recent = createRecent({
    freshMs: FRESH_MS,
    clock,
    async load(provider) {
      try {
        const pause = await pauses.read(provider);
        last.set(provider, pause);
        return pause;
      } catch (error) {
        if (last.has(provider)) return last.get(provider);
        throw error;
      }
    },
  });
  return {
    read: async (provider) => await recent.get(provider),
    async pause(provider, reason) {
      try {
        return await pauses.pause(provider, reason);
      } finally {
        recent.forget(provider);
      }
    },
    async resume(provider) {
      try {
        await pauses.resume(provider);
      } finally {
        recent.forget(provider);
      }
    },
  };
}

/** The problem that is shown for a paused provider. */
export const pausedProblem = (provider: string, { reason }: ProviderPause): Problem => ({
  code: 'provider_paused',
  message: `An operator has paused all work with the provider "${provider}"${reason === null ? '' : `: ${reason.replace(/\.$/, '')}`}.`,
  remedy: `Nothing is lost. Work goes on after POST /v1/providers/${provider}/resume.`,
});

const keyOf = (provider: string): string => {
  if (!ID.test(provider)) throw new RangeError('A provider has an id of lower-case letters, digits, "_", "." and "-".');
  return FOLDER + provider;
};

/** A document that cannot be parsed may be replaced. */
const replaceable = async <T>(reading: Promise<T>): Promise<T | undefined> => {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
};
