import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { variables } from '../../platform/config/variables.ts';
import type { Logger } from '../../platform/logger.ts';
import { createRecent } from '../../platform/recent.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { OwnQuotas, Tenants } from '../../stores/tenants.ts';
import type { ConnectionsGateway } from '../temporal/gateway.ts';
import { ApiProblem } from './problem.ts';

/** What one tenant may use of what all tenants share. Null = no limit. */
export type Quotas = Config['quotas'];

export interface QuotaDependencies {
  readonly config: { readonly quotas: Quotas };
  readonly connections: Pick<ConnectionsGateway, 'count'>;
  readonly ephemeral: Pick<EphemeralStore, 'increment'>;
  readonly tenants: Pick<Tenants, 'read'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Each throws `quota_exceeded` when the tenant has used up its share. Where nothing can be counted, all is allowed. */
export interface TenantQuotas {
  /** What the tenant may use: its own limits, and the installation's for what it has none of. At most five seconds old. */
  limits(tenant: string): Promise<Quotas>;
  /**
   * Takes the place of a connection that is about to be started. To be given back with the returned function where none
   * was started.
   */
  connection(tenant: string): Promise<() => void>;
  /** Whether so many more connections may be started. Takes no place. */
  room(tenant: string, count: number): Promise<void>;
  submission(tenant: string): Promise<void>;
  validation(tenant: string): Promise<void>;
  invitation(tenant: string, connection: string): Promise<void>;
}

/** Counting asks Temporal's visibility, which answers few queries a second. */
const COUNT_FRESH_MS = 5_000;
const LIMITS_FRESH_MS = 5_000;
const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;

/** The limits of a tenant with limits of its own; 0 of the tenant is no limit, as in the variables. */
export function limitsOf(quotas: Quotas, own: OwnQuotas | undefined): Quotas {
  const limit = (name: keyof Quotas): number | null => (own?.[name] ?? quotas[name]) || null;
  return {
    connections: limit('connections'),
    submissionsPerMinute: limit('submissionsPerMinute'),
    validationsPerMinute: limit('validationsPerMinute'),
    invitationsPerHour: limit('invitationsPerHour'),
  };
}

export function createQuotas(deps: QuotaDependencies): TenantQuotas {
  const { config, connections, ephemeral, tenants, clock, logger } = deps;

  const own = createRecent({
    load: async (tenant) => limitsOf(config.quotas, (await tenants.read(tenant))?.quotas),
    freshMs: LIMITS_FRESH_MS,
    clock,
  });
  const limits = async (tenant: string): Promise<Quotas> =>
    await own.get(tenant).catch((error: unknown) => {
      logger.warn({ err: error, tenant }, 'The quotas of a tenant could not be read; those of the installation count.');
      return config.quotas;
    });

  /** How many a tenant has, and how many this process has started since they were counted. */
  const counts = createRecent({
    load: async (tenant) => ({ living: await connections.count(tenant), begun: 0 }),
    freshMs: COUNT_FRESH_MS,
    clock,
  });

  const countCall = async (limit: number | null, window: Window): Promise<void> => {
    if (limit === null) return;
    const { name, seconds, problem } = window;
    try {
      const { count, resetSeconds } = await ephemeral.increment(ephemeralKeys.rateLimit(name), seconds);
      if (count > limit) throw problem(limit, Math.max(1, resetSeconds));
    } catch (error) {
      if (!(error instanceof EphemeralStoreUnavailable)) throw error;
      logger.warn({ err: error, quota: name }, 'A call could not be counted for its quota.');
    }
  };

  const counted = async (tenant: string) =>
    await counts.get(tenant).catch((error: unknown) => {
      logger.warn({ err: error, tenant }, 'The connections of a tenant could not be counted for its quota.');
      return undefined;
    });

  return {
    limits,
    async connection(tenant) {
      const { connections: limit } = await limits(tenant);
      if (limit === null) return nothing;
      const known = await counted(tenant);
      if (!known) return nothing;
      if (known.living + known.begun >= limit) throw tooManyConnections(limit);
      known.begun += 1;
      return () => {
        known.begun -= 1;
      };
    },
    async room(tenant, count) {
      const { connections: limit } = await limits(tenant);
      const known = limit === null ? undefined : await counted(tenant);
      if (limit === null || !known || known.living + known.begun + count <= limit) return;
      throw tooLittleRoom(limit, Math.max(limit - known.living - known.begun, 0));
    },
    submission: async (tenant) =>
      await countCall((await limits(tenant)).submissionsPerMinute, {
        name: `submissions:${tenant}`,
        seconds: MINUTE_SECONDS,
        problem: tooManySubmissions,
      }),
    validation: async (tenant) =>
      await countCall((await limits(tenant)).validationsPerMinute, {
        name: `validations:${tenant}`,
        seconds: MINUTE_SECONDS,
        problem: tooManyValidations,
      }),
    invitation: async (tenant, connection) =>
      await countCall((await limits(tenant)).invitationsPerHour, {
        // With the tenant in the name, a tenant cannot use up the share of another tenant's connection.
        name: `invitations:${tenant}:${connection}`,
        seconds: HOUR_SECONDS,
        problem: tooManyInvitations,
      }),
  };
}

const nothing = (): void => undefined;

interface Window {
  readonly name: string;
  readonly seconds: number;
  readonly problem: (limit: number, retryAfterSeconds: number) => ApiProblem;
}

const CODE = 'quota_exceeded';
const RAISE = `Or have the operator raise the tenant's quota with PATCH /v1/tenants/{id}, or ${variables.tenantConnections.name} for all.`;

const tooManyConnections = (limit: number): ApiProblem =>
  new ApiProblem({
    status: 403,
    code: CODE,
    message: `The tenant has ${limit} connections that have not ended, which is the most that it may have.`,
    remedy: `Disconnect what is not used any more: DELETE /v1/connections/{id}. ${RAISE}`,
  });

const tooLittleRoom = (limit: number, left: number): ApiProblem =>
  new ApiProblem({
    status: 403,
    code: CODE,
    message: `The tenant may have ${limit} connections that have not ended; so there is room for ${left} more, and these are more.`,
    remedy: `Give fewer items, or disconnect what is not used any more. ${RAISE}`,
  });

const tooManySubmissions = (limit: number, retryAfterSeconds: number): ApiProblem =>
  tooOften(`Values were submitted more than ${limit} times within a minute in this tenant.`, retryAfterSeconds);

const tooManyValidations = (limit: number, retryAfterSeconds: number): ApiProblem =>
  tooOften(`Credentials were validated more than ${limit} times within a minute in this tenant.`, retryAfterSeconds);

const tooManyInvitations = (limit: number, retryAfterSeconds: number): ApiProblem =>
  tooOften(`More than ${limit} links were made for this connection within an hour.`, retryAfterSeconds);

const tooOften = (message: string, retryAfterSeconds: number): ApiProblem =>
  new ApiProblem({
    status: 429,
    code: CODE,
    message,
    remedy: `Wait ${retryAfterSeconds} seconds, then try again.`,
    details: { retryAfterSeconds },
  });
