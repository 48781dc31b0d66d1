import type { Client } from '@temporalio/client';
import { connectionStatuses, type ConnectionStatus, type ConnectionView } from '../../contracts/connection.ts';
import { problems } from '../../contracts/problem.ts';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';
import { iso } from '../../contracts/time.ts';
import type { Clock } from '../../platform/clock.ts';
import { deadlines, within } from './deadlines.ts';
import { firstBy } from './first-by.ts';
import { executionOf } from './execution.ts';
import { rowOf } from './list.ts';
import type { Lookup } from './lookup.ts';
import { countStopped, ofConnections, quote, runsOf } from './visibility.ts';

/** How many connections a tenant has. Ended ones as long as Temporal retains them. */
export interface Counts {
  readonly byStatus: Readonly<Record<ConnectionStatus, number>>;
  /** Of those that live. */
  readonly byProvider: Readonly<Record<string, number>>;
  /** Of those that live and have a problem, by its code. */
  readonly byReason: Readonly<Record<string, number>>;
  /** Those whose code is none of these. */
  readonly otherReasons: number;
}

export interface Some<T> {
  /** How many there are. */
  readonly total: number;
  /** The first of them. */
  readonly items: readonly T[];
}

export interface Ending {
  /** ISO 8601. */
  readonly at: string;
  readonly view: ConnectionView;
}

/** What is asked of all connections of a tenant at once, from visibility: about a second behind. */
export interface Overview {
  counts(tenant: string, providers: readonly string[]): Promise<Counts>;
  /** Connections that wait for a person, the longest wait first. */
  waiting(tenant: string, most: number): Promise<Some<ConnectionView>>;
  /** What ends in this time (Unix milliseconds) unless a person acts, the soonest first. */
  ending(tenant: string, fromMs: number, untilMs: number, most: number): Promise<Some<Ending>>;
  /** Ids of connections that hand out a credential: all, or at random about `most` of them. */
  handingOut(tenant: string, most: number, turn: number): Promise<Some<string>>;
}

/** A living connection with a problem is one row; of more rows the codes are counted one by one. */
const MOST_READ = 1_000;
const MOST_REASONS = 20;
const ASKED_AT_ONCE = 8;
/** Ids are random, so those that begin alike are a random part of all. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

export function createOverview({
  client,
  lookup,
  clock,
}: {
  readonly client: Client;
  readonly lookup: Lookup;
  readonly clock: Clock;
}): Overview {
  const { namespace, loadedDataConverter: dataConverter } = client.options;
  const deps = { lookup, decoding: { dataConverter, namespace } };

  const count = async (query: string): Promise<number> =>
    (await within(client, deadlines.list, () => client.workflow.count(query))).count;

  /** Some at once: visibility answers only a few queries a second. */
  const countAll = async <K extends string>(
    keys: readonly K[],
    queryOf: (key: K) => string,
  ): Promise<Record<K, number>> => {
    const counts: Partial<Record<K, number>> = {};
    for (let from = 0; from < keys.length; from += ASKED_AT_ONCE) {
      await Promise.all(
        keys.slice(from, from + ASKED_AT_ONCE).map(async (key) => (counts[key] = await count(queryOf(key)))),
      );
    }
    return counts as Record<K, number>;
  };

  return {
    async counts(tenant, providers) {
      const living = livingOf(tenant);
      const [byStatus, stopped, byProvider, reasons] = await Promise.all([
        countAll(connectionStatuses, (status) => ofStatus(tenant, status)),
        countStopped(client, ofTenant(tenant)),
        countAll(providers, (provider) => `${living} AND ${names.provider.name}=${quote(provider)}`),
        countReasons(living),
      ]);
      return { byStatus: { ...byStatus, stopped: byStatus.stopped + stopped }, byProvider, ...reasons };
    },

    async waiting(tenant, most) {
      const found = await firstBy(client, `${livingOf(tenant)} AND ${waits}`, names.statusSince.name, {
        fromMs: 0,
        // A clock of another machine may be ahead.
        untilMs: clock.now() + DAY_MS,
        most,
      });
      const views = await Promise.all(found.items.map(async (info) => await rowOf(deps, executionOf(info))));
      return { total: found.total, items: views };
    },

    async ending(tenant, fromMs, untilMs, most) {
      const found = await firstBy(client, livingOf(tenant), names.actBy.name, { fromMs, untilMs, most });
      const items = await Promise.all(
        found.items.map(async (info) => {
          const execution = executionOf(info);
          return { at: execution.attributes.actBy ?? iso(untilMs), view: await rowOf(deps, execution) };
        }),
      );
      return { total: found.total, items };
    },

    async handingOut(tenant, most, turn) {
      const query = `${livingOf(tenant)} AND ${names.status.name} IN ('active','degraded')`;
      const total = await count(query);
      const beginnings = beginningsOf(total, most, turn);
      const parts = beginnings?.map((beginning) => `WorkflowId STARTS_WITH ${quote(beginning)}`).join(' OR ');
      const ids: string[] = [];
      for await (const page of runsOf(client, parts === undefined ? query : `${query} AND (${parts})`)) {
        for (const { execution } of page) if (execution?.workflowId) ids.push(execution.workflowId);
        if (ids.length >= most) break;
      }
      return { total, items: ids.slice(0, most) };
    },
  };

  /** Visibility counts by no attribute of ours, so the codes are read from rows; where those are too many, counted. */
  async function countReasons(living: string): Promise<Pick<Counts, 'byReason' | 'otherReasons'>> {
    const query = `${living} AND ${names.reason.name} IS NOT NULL`;
    const response = await within(client, deadlines.list, () =>
      client.workflowService.listWorkflowExecutions({ namespace, query, pageSize: MOST_READ }),
    );
    const seen: Record<string, number> = {};
    for (const info of response.executions) {
      const { reason } = executionOf(info).attributes;
      if (reason !== undefined) seen[reason] = (seen[reason] ?? 0) + 1;
    }
    if (response.nextPageToken.length === 0) return { byReason: seen, otherReasons: 0 };
    const codes = Object.keys(seen).toSorted((one, other) => (seen[other] ?? 0) - (seen[one] ?? 0));
    const [total, byReason] = await Promise.all([
      count(query),
      countAll(codes.slice(0, MOST_REASONS), (code) => `${living} AND ${names.reason.name}=${quote(code)}`),
    ]);
    const counted = Object.values(byReason).reduce((sum, each) => sum + each, 0);
    return { byReason, otherReasons: Math.max(total - counted, 0) };
  }
}

const DAY_MS = 24 * 60 * 60 * 1000;

const ofTenant = (tenant: string): string => `${ofConnections} AND ${names.tenant.name}=${quote(tenant)}`;

const livingOf = (tenant: string): string => `${ofTenant(tenant)} AND ExecutionStatus='Running'`;

/** A run that was ended from outside keeps the status that it had, and one that was continued has a newer row. */
const ofStatus = (tenant: string, status: ConnectionStatus): string =>
  `${ofTenant(tenant)} AND ExecutionStatus IN ('Running','Completed') AND ${names.status.name}=${quote(status)}`;

/** A refusal of the cloud, a workflow that was ended from outside, an account that is to be confirmed. */
const waits = `(${names.status.name} IN ('action_required','stopped') OR ${names.reason.name}=${quote(problems.confirmationRequired.code)})`;

/** How the ids of about `most` of all begin; undefined where these are all. Each turn takes the next ones. */
function beginningsOf(total: number, most: number, turn: number): readonly string[] | undefined {
  if (total <= most) return undefined;
  const { length } = ALPHABET;
  const letter = (place: number): string => ALPHABET.charAt(place % length);
  // Of very many, those of one letter are too many still: then two.
  const letters = (length * most) / total >= 1 ? 1 : 2;
  const wanted = Math.max(Math.floor((length ** letters * most) / total), 1);
  return Array.from({ length: wanted }, (_none, index) => {
    const place = turn * wanted + index;
    return letters === 1 ? `con_${letter(place)}` : `con_${letter(Math.floor(place / length))}${letter(place)}`;
  });
}
