import type { Actor } from '../../contracts/actor.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { Secret } from '../../platform/secret.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { isAccessRecord, liveKeys, type AccessRecord } from '../../stores/secrets/credential-record.ts';
import type { SecretStore } from '../../stores/secrets/port.ts';
import { ApiProblem, apiProblems } from '../http/problem.ts';
import type { ConnectionsGateway } from '../temporal/gateway.ts';
import type { Found } from '../temporal/lookup.ts';
import { shareAnswers } from '../temporal/share-answers.ts';
import {
  decideLease,
  lifeTooLong,
  missedRenewal,
  parseCondition,
  renewalLate,
  shorterThanAsked,
  warningsOf,
} from './lease.ts';

const DEFAULT_MIN_TTL_SECONDS = 60;
/** The most refreshes that readers of this process wait for at the same time. Each takes seconds. */
const MOST_REFRESHES = 1_000;
const CAUSE_KEPT_MS = 5_000;
const CAUSES_KEPT = 1_000;

export interface Lease {
  readonly record: Secret<AccessRecord>;
  readonly remainingSeconds: number | null;
  readonly warnings: readonly Problem[];
}

export interface Reader {
  readonly tenant: string;
  readonly by: Actor;
}

export interface CredentialReader {
  /**
   * A credential that lives at least this long, if possible. The default is a minute, or the cloud's own lifetime if
   * that is shorter. A refresh of it is asked for by the first reader who needs one. Throws `ApiProblem`.
   */
  lease(reader: Reader, id: string, minTtlSeconds: number | undefined): Promise<Lease>;
}

interface ReaderDependencies {
  readonly secrets: Pick<SecretStore, 'read'>;
  readonly ephemeral: Pick<EphemeralStore, 'get'>;
  readonly connections: Pick<ConnectionsGateway, 'view' | 'update'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Reads credentials from the secret store, and asks the workflow only for a refresh. All readers of a connection in
 * this process share one refresh, because a workflow accepts only a few updates at once.
 */
export function createCredentialReader(deps: ReaderDependencies): CredentialReader {
  const { secrets, ephemeral, connections, clock, logger } = deps;
  const inFlight = new Map<string, Promise<ApiProblem | undefined>>();
  const sharedCause = shareAnswers<Problem | undefined>(clock, { keptMs: () => CAUSE_KEPT_MS, most: CAUSES_KEPT });

  const read = async (tenant: string, id: string): Promise<Secret<AccessRecord>> => {
    const stored = await secrets.read('live', liveKeys.access(id));
    if (!stored) throw await withoutCredential(tenant, id);
    const record = stored.data.reveal();
    if (!isAccessRecord(record)) {
      // The record cannot be read, so check the tenant with the workflow instead.
      await connections.view(tenant, id);
      throw new ApiProblem({ status: 409, ...problems.credentialUnreadable });
    }
    if (record.mooring.tenant !== tenant) throw apiProblems.connectionNotFound();
    return new Secret(record);
  };

  const withoutCredential = async (tenant: string, id: string): Promise<ApiProblem> => {
    const { view } = await connections.view(tenant, id);
    const problem = view.problem ?? {
      code: 'no_credential',
      message: `The connection is ${view.status} and has no credential.`,
      remedy: 'Wait until it is active; GET the connection says what it is waiting for.',
    };
    return new ApiProblem({ status: 409, ...problem });
  };

  /** Best effort: a valid credential is returned also without warnings. */
  const publishedWarnings = async (id: string): Promise<Problem[]> => {
    try {
      return warningsOf(parseCondition(await ephemeral.get(ephemeralKeys.condition(id))));
    } catch (error) {
      logger.debug({ err: error, connection: id }, 'The condition of a connection could not be read.');
      return [];
    }
  };

  /** Why a renewal is late, from Temporal. Undefined when Temporal does not answer. */
  const causeOf = async (tenant: string, id: string): Promise<Problem | undefined> =>
    await sharedCause(`${tenant}/${id}`, () => connections.view(tenant, id).then(causeIn, () => undefined));

  const warnings = async (
    tenant: string,
    id: string,
    record: AccessRecord,
    published: Problem[],
  ): Promise<Problem[]> => {
    const dueAt = missedRenewal(record, clock.now());
    if (dueAt === undefined) return published;
    return [...published, renewalLate(dueAt, await causeOf(tenant, id))];
  };

  /** Undefined when the credential was refreshed or was fresh enough; else the problem. */
  const refresh = async (reader: Reader, id: string, minTtlSeconds: number): Promise<ApiProblem | undefined> => {
    try {
      const update = await connections.update(id, 'refresh', { ...reader, minTtlSeconds });
      return update.outcome === 'served' ? undefined : stillRefreshing();
    } catch (error) {
      if (error instanceof ApiProblem) return error;
      throw error;
    }
  };

  const refreshTogether = async (reader: Reader, id: string, minTtl: number): Promise<ApiProblem | undefined> => {
    const key = `${reader.tenant}/${id}`;
    const running = inFlight.get(key);
    if (running) return await running;
    if (inFlight.size >= MOST_REFRESHES) return tooManyRefreshes();
    const started = refresh(reader, id, minTtl).finally(() => inFlight.delete(key));
    inFlight.set(key, started);
    return await started;
  };

  const expired = async (tenant: string, id: string, cause: ApiProblem): Promise<ApiProblem> => {
    const problem = (await connections.view(tenant, id).catch(() => undefined))?.view.problem;
    return problem ? new ApiProblem({ status: 409, ...problem }) : cause;
  };

  return {
    async lease(reader, id, asked) {
      const { tenant } = reader;
      const [record, published] = await Promise.all([read(tenant, id), publishedWarnings(id)]);
      const minTtlSeconds = asked ?? Math.min(DEFAULT_MIN_TTL_SECONDS, record.reveal().mooring.ttl_seconds ?? Infinity);
      const decision = decideLease(record.reveal(), minTtlSeconds, clock.now());
      if (decision.lease === 'impossible') throw lifeTooLong(minTtlSeconds, decision.maximumTtlSeconds);
      if (decision.lease === 'serve') {
        const { remainingSeconds } = decision;
        return { record, remainingSeconds, warnings: await warnings(tenant, id, record.reveal(), published) };
      }
      const failure = await refreshTogether(reader, id, minTtlSeconds);
      const [renewed, publishedNow] = await Promise.all([read(tenant, id), publishedWarnings(id)]);
      const second = decideLease(renewed.reveal(), minTtlSeconds, clock.now());
      if (second.lease === 'impossible') throw lifeTooLong(minTtlSeconds, second.maximumTtlSeconds);
      const cause = failure ?? justIssued();
      if (second.lease === 'refresh' && second.remainingSeconds <= 0) throw await expired(tenant, id, cause);
      const lease = {
        record: renewed,
        remainingSeconds: second.remainingSeconds,
        warnings: await warnings(tenant, id, renewed.reveal(), publishedNow),
      };
      if (second.lease === 'serve') return lease;
      return { ...lease, warnings: [...lease.warnings, shorterThanAsked(second.remainingSeconds, cause)] };
    },
  };
}

function causeIn({ view, health }: Found): Problem | undefined {
  if (view.status === 'paused')
    return {
      code: 'connection_paused',
      message: 'it is paused.',
      remedy: 'Resume it: POST /v1/connections/{id}/resume.',
    };
  return health?.problem ?? view.problem ?? undefined;
}

const stillRefreshing = (): ApiProblem =>
  new ApiProblem({
    status: 503,
    code: 'refresh_in_progress',
    message: 'A refresh is under way and has not ended in time.',
    remedy: 'Ask again in a few seconds.',
    details: { retryAfterSeconds: 5 },
  });

const tooManyRefreshes = (): ApiProblem =>
  new ApiProblem({
    status: 503,
    code: 'too_many_refreshes',
    message: `More than ${MOST_REFRESHES} refreshes are waited for by this process.`,
    remedy: 'Ask again in a few seconds.',
    details: { retryAfterSeconds: 5 },
  });

const justIssued = (): ApiProblem =>
  new ApiProblem({
    status: 409,
    code: 'issued_just_now',
    message: 'it was issued less than a minute ago, and one is forced once a minute at most.',
    remedy: 'Use it, or ask again in a minute.',
  });
