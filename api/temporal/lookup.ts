import type { Client } from '@temporalio/client';
import type { ConnectionRef, ConnectionView, Freshness, RequestMemo } from '../../contracts/connection.ts';
import { problems } from '../../contracts/problem.ts';
import { createBoundedMap } from '../../platform/bounded-map.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { withPass } from '../../stores/inventory/pass.ts';
import type { Inventory } from '../../stores/inventory/port.ts';
import { factsOf, isAccessRecord, liveKeys } from '../../stores/secrets/credential-record.ts';
import type { SecretStore } from '../../stores/secrets/port.ts';
import { apiProblems } from '../http/problem.ts';
import { describe, isUnderWay, reportedBy, withPending, type Description, type Verification } from './description.ts';
import { refOf } from './execution.ts';
import { healthOf, isStuck, stuckCause, type Health } from './health.ts';
import { readMemo, readView, viewUndecodable, type Decoding } from './memo.ts';
import { parseFacts, parseRequest, parseTombstone } from './parse-view.ts';
import { triesBefore } from './try-now.ts';
import { asEnded, tombstoneView, withFacts, withReported } from './views.ts';

/** Where a view was read: from Temporal, or from the tombstone of a connection that Temporal has forgotten. */
export type ViewSource = 'temporal' | 'tombstone';

/** A connection, as far as it is known without a worker. */
export interface Found {
  readonly view: ConnectionView;
  readonly source: ViewSource;
  /** Null where no workflow runs. */
  readonly health: Health | null;
  readonly verification: Verification | null;
  /** The request that started it. Undefined when that was not kept. */
  readonly request: RequestMemo | undefined;
}

export interface Lookup {
  /**
   * The newest known view of a connection. Undefined when there is none, or when it belongs to another tenant than the
   * one given. Throws `view_undecodable` when Temporal has it but it cannot be decoded.
   */
  find(id: string, tenant?: string): Promise<Found | undefined>;
  /** Undefined where Temporal has no such workflow (any more). */
  describe(id: string): Promise<Description | undefined>;
  /** The tombstone of a connection that has ended. */
  tombstone(id: string): Promise<Found | undefined>;
  /** Newer facts for a list, from the ephemeral store. Never rejects. */
  publishedFacts(id: string): Promise<Freshness | undefined>;
}

export interface LookupDependencies {
  readonly client: Client;
  readonly ephemeral: Pick<EphemeralStore, 'get'>;
  readonly secrets: Pick<SecretStore, 'read'>;
  readonly inventory: Pick<Inventory, 'pass'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createLookup(deps: LookupDependencies): Lookup {
  const { client, ephemeral, secrets, inventory, clock, logger } = deps;
  const decoding: Decoding = {
    dataConverter: client.options.loadedDataConverter,
    namespace: client.options.namespace,
  };

  const publishedFacts: Lookup['publishedFacts'] = async (id) => {
    try {
      return parseFacts(await ephemeral.get(ephemeralKeys.facts(id)));
    } catch (error) {
      logger.debug({ err: error, connection: id }, 'Newer facts of a connection could not be read.');
      return undefined;
    }
  };

  /**
   * The facts in the stored record, for a connection without a report of `keepFresh`. Null when the store does not
   * answer. Never rejects.
   */
  const storedFacts = async (id: string): Promise<{ readonly facts: Freshness | undefined } | null> => {
    try {
      const record = (await secrets.read('live', liveKeys.access(id)))?.data.reveal();
      return { facts: isAccessRecord(record) ? factsOf(record) : undefined };
    } catch (error) {
      logger.debug({ err: error, connection: id }, 'The facts of a stored credential could not be read.');
      return null;
    }
  };

  /**
   * The view with the newest facts of all sources. The report of `keepFresh` is from its last attempt; a forced refresh
   * publishes newer facts to Redis. When there is no report, or something is running, read the stored record instead,
   * because Redis may have lost its last writes. When the record cannot be read either, the view gets a warning.
   */
  const withNewestFacts = async (
    memo: ConnectionView,
    reported: Freshness | undefined,
    description: Description,
  ): Promise<ConnectionView> => {
    if (!memo.credential) return memo;
    const [published, stored] = await Promise.all([
      publishedFacts(memo.id),
      reported && !isUnderWay(description) ? { facts: reported } : storedFacts(memo.id),
    ]);
    const view = [published, reported, stored?.facts].reduce(withFacts, memo);
    return stored ? view : { ...view, warnings: [...view.warnings, problems.factsUnconfirmed] };
  };

  /** Adds the discovery that is running, or that ended without news for the workflow. Never rejects. */
  const withDiscovery = async (view: ConnectionView): Promise<ConnectionView> => {
    if (!view.discovery) return view;
    try {
      return withPass(view, await inventory.pass(view.id), clock.now());
    } catch (error) {
      logger.debug({ err: error, connection: view.id }, 'The last discovery of a connection could not be read.');
      return view;
    }
  };

  /** The view of a running connection, with what has happened since its workflow last wrote the memo. */
  const current = async (
    description: Description,
    memo: ConnectionView,
  ): Promise<Omit<Found, 'source' | 'request'>> => {
    const { id } = memo;
    const reported = await reportedBy(decoding, description);
    const newest = await withNewestFacts(memo, reported.facts, description);
    const view = await withDiscovery(withReported(newest, reported.problem));
    const cause = isStuck(description) ? await stuckCause(client, decoding, id) : undefined;
    return {
      view,
      health: healthOf(description, view, { reported: reported.problem, cause }, clock.now()),
      verification:
        view.verification &&
        (await withPending(
          view.verification,
          description,
          decoding,
          async (pending) => await triesBefore(ephemeral, description.execution, pending),
        )),
    };
  };

  const tombstone: Lookup['tombstone'] = async (id) => {
    const kept = parseTombstone((await secrets.read('tombstones', id))?.data.reveal());
    return (
      kept && {
        view: tombstoneView(kept),
        source: 'tombstone',
        health: null,
        verification: null,
        request: kept.request ?? undefined,
      }
    );
  };

  const found = async (description: Description): Promise<Found> => {
    const { execution } = description;
    const read = await readView(decoding, execution);
    if (read.outcome === 'undecodable') throw viewUndecodable(read.problem);
    const { view } = read;
    const request = parseRequest(await readMemo(decoding, execution, 'request').catch(() => undefined));
    const shown =
      execution.state === 'running'
        ? await current(description, view)
        : { view: asEnded(view, execution), health: null, verification: null };
    return { ...shown, source: 'temporal', request };
  };

  return {
    publishedFacts,
    tombstone,
    describe: async (id) => await describe(client, id),
    async find(id, tenant) {
      const isOthers = (owner: string | undefined): boolean => tenant !== undefined && owner !== tenant;
      const description = await describe(client, id);
      if (!description) {
        const kept = await tombstone(id);
        return kept && !isOthers(kept.view.tenant) ? kept : undefined;
      }
      // Check the tenant before decoding anything: another tenant must not learn that the view is broken.
      if (isOthers(description.execution.attributes.tenant)) return undefined;
      return await found(description);
    },
  };
}

const KEPT = 10_000;

export interface Owners {
  /** What names the connection. Rejects with `connection_not_found` unless it is the tenant's. */
  ref(tenant: string, id: string): Promise<ConnectionRef>;
  assertOwned(tenant: string, id: string): Promise<void>;
}

/**
 * The owner, provider and method of a connection never change, so they are cached. Every message passes this check
 * first. Updates are checked again by the workflow's validator; signals have no validator.
 */
export function createOwners(lookup: Pick<Lookup, 'describe' | 'tombstone'>): Owners {
  const refs = createBoundedMap<string, ConnectionRef>(KEPT);

  const find = async (id: string): Promise<ConnectionRef | undefined> => {
    const description = await lookup.describe(id);
    if (description) return refOf(description.execution);
    const ended = (await lookup.tombstone(id))?.view;
    if (!ended) return undefined;
    const { tenant, provider, region, method } = ended;
    return { id, tenant, provider, region, method };
  };

  const ownRef = async (tenant: string, id: string): Promise<ConnectionRef> => {
    const known = refs.get(id);
    const ref = known ?? (await find(id));
    if (ref && !known) refs.set(id, ref);
    if (ref?.tenant !== tenant) throw apiProblems.connectionNotFound();
    return ref;
  };

  return { ref: ownRef, assertOwned: async (tenant, id) => void (await ownRef(tenant, id)) };
}
