import type { Clock } from '../platform/clock.ts';
import type { JsonObject } from '../platform/json.ts';
import type { Secret } from '../platform/secret.ts';
import { liveKeys } from '../stores/secrets/credential-record.ts';
import type { SecretStore } from '../stores/secrets/port.ts';
import type { RefreshCommand, RefreshReply } from '../workflows/contracts/messages.ts';
import type { Problem } from '../workflows/contracts/problem.ts';
import type { ConnectionsGateway } from './connections-gateway.ts';
import { decideLease, isLeasedRecord, lifeTooLong, shorterThanAsked, type LeasedRecord } from './credential-lease.ts';
import { ApiProblem, apiProblems } from './problem.ts';

const DEFAULT_MIN_TTL_SECONDS = 60;

export interface Lease {
  readonly record: Secret<LeasedRecord & JsonObject>;
  readonly remainingSeconds: number | null;
  readonly warnings: readonly Problem[];
}

export interface CredentialReader {
  /**
   * A credential that lives at least this long, where it can be had; by default a minute, or as long as the cloud
   * issues where that is less. Throws `ApiProblem`.
   */
  lease(tenant: string, id: string, minTtlSeconds: number | undefined): Promise<Lease>;
}

/**
 * Reads credentials straight from the secret store; the workflow is asked only for one that is too old. All readers of
 * a connection in this process share one request: a connection takes few at once, and the others would be refused.
 */
export function createCredentialReader(deps: {
  readonly secrets: SecretStore;
  readonly connections: ConnectionsGateway;
  readonly clock: Clock;
}): CredentialReader {
  const { secrets, connections, clock } = deps;
  const inFlight = new Map<string, Promise<Problem | undefined>>();

  const read = async (tenant: string, id: string): Promise<Secret<LeasedRecord & JsonObject>> => {
    const stored = await secrets.read('live', liveKeys.access(id));
    const record = stored?.data.reveal();
    if (stored && isLeasedRecord(record) && record.mooring.tenant === tenant) {
      return stored.data as Secret<LeasedRecord & JsonObject>;
    }
    if (isLeasedRecord(record)) throw apiProblems.connectionNotFound();
    throw await withoutCredential(tenant, id);
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

  /** Undefined once the connection has refreshed, or found its credential good; else why it could not. */
  const refresh = async (tenant: string, id: string, minTtlSeconds: number): Promise<Problem | undefined> => {
    try {
      const command: RefreshCommand = { tenant, minTtlSeconds };
      const update = await connections.update<RefreshReply, RefreshCommand>(id, 'refresh', command);
      return update.outcome === 'served' ? undefined : stillRefreshing;
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      return { code: error.code, message: error.message, remedy: error.remedy };
    }
  };

  const refreshTogether = async (tenant: string, id: string, minTtlSeconds: number): Promise<Problem | undefined> => {
    const key = `${tenant}/${id}`;
    const running = inFlight.get(key);
    if (running) return await running;
    const started = refresh(tenant, id, minTtlSeconds).finally(() => inFlight.delete(key));
    inFlight.set(key, started);
    return await started;
  };

  return {
    async lease(tenant, id, asked) {
      const record = await read(tenant, id);
      const minTtlSeconds = asked ?? Math.min(DEFAULT_MIN_TTL_SECONDS, record.reveal().mooring.ttl_seconds ?? Infinity);
      const decision = decideLease(record.reveal(), minTtlSeconds, clock.now());
      if (decision.lease === 'impossible') throw lifeTooLong(minTtlSeconds, decision.maximumTtlSeconds);
      const published = await connections.lastPublished(tenant, id);
      if (decision.lease === 'serve') {
        return { record, remainingSeconds: decision.remainingSeconds, warnings: warningsOf(published) };
      }
      const failure = await refreshTogether(tenant, id, minTtlSeconds);
      const renewed = await read(tenant, id);
      const second = decideLease(renewed.reveal(), minTtlSeconds, clock.now());
      const warnings = warningsOf(await connections.lastPublished(tenant, id));
      if (second.lease === 'serve') return { record: renewed, remainingSeconds: second.remainingSeconds, warnings };
      if (second.lease === 'impossible') throw lifeTooLong(minTtlSeconds, second.maximumTtlSeconds);
      const cause = failure ?? justIssued;
      if (second.remainingSeconds > 0) {
        const warning = shorterThanAsked(second.remainingSeconds, cause);
        return { record: renewed, remainingSeconds: second.remainingSeconds, warnings: [...warnings, warning] };
      }
      throw await expired(tenant, id, cause);
    },
  };

  async function expired(tenant: string, id: string, cause: Problem): Promise<ApiProblem> {
    const problem = (await connections.lastPublished(tenant, id))?.problem ?? cause;
    return new ApiProblem({ status: 409, ...problem });
  }
}

type Published = Awaited<ReturnType<ConnectionsGateway['lastPublished']>>;

/** What is wrong with the connection is told beside the credential, which is good until it expires. */
const warningsOf = (view: Published): Problem[] => [
  ...(view?.warnings ?? []),
  ...((view?.status === 'degraded' || view?.status === 'action_required') && view.problem ? [view.problem] : []),
];

const stillRefreshing: Problem = {
  code: 'refresh_in_progress',
  message: 'A refresh is under way and has not ended in time.',
  remedy: 'Ask again in a few seconds.',
};

const justIssued: Problem = {
  code: 'issued_just_now',
  message: 'it was issued less than a minute ago, and one is forced once a minute at most.',
  remedy: 'Use it, or ask again in a minute.',
};
