import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { EphemeralStore } from '../stores/ephemeral/port.ts';
import type { SecretStore } from '../stores/secrets/port.ts';
import type { ProofInput } from '../workflows/contracts/activities.ts';
import type { ConnectionStatus, ConnectionView, TimelineEntry } from '../workflows/contracts/connection.ts';
import { workflowTypes } from '../workflows/contracts/ids.ts';
import type { ValidationInput, ValidationOutcome } from '../workflows/contracts/validation.ts';
import { messages, type Command, type ConnectionInput, type OAuthCallback } from '../workflows/contracts/messages.ts';
import { checkSubmission } from './gateway/check-submission.ts';
import { countByStatus } from './gateway/count-by-status.ts';
import { deadlines, within } from './gateway/deadlines.ts';
import { discardSubmission } from './gateway/discard-submission.ts';
import { initialView } from './gateway/initial-view.ts';
import { listIds } from './gateway/list-ids.ts';
import { listPage, type Page, type PageRequest } from './gateway/list.ts';
import type { ListFilters } from './gateway/list-query.ts';
import { createLookup, type Sighting } from './gateway/lookup.ts';
import { createOwners } from './gateway/owners.ts';
import { parseView } from './gateway/parse-view.ts';
import { withoutPending, withPending, type Verification } from './gateway/pending-attempts.ts';
import { sendUpdate, type UpdateName, type UpdateOutcome } from './gateway/send-update.ts';
import { startOptions, type RequestMemo, type StartLabels } from './gateway/start-options.ts';
import { triesBefore, tryNow } from './gateway/try-now.ts';
import { fromTemporal, isWorkflowGone } from './gateway/temporal-errors.ts';
import { apiProblems } from './problem.ts';

export interface Started {
  readonly created: boolean;
  readonly view: ConnectionView;
  /** Absent where a later run no longer carries it. */
  readonly request: RequestMemo | undefined;
}

export interface Detailed extends Sighting {
  readonly verification: Verification | null;
}

/**
 * The one door to Temporal. Bound to tenants by construction: every method that is given one answers
 * `connection_not_found` for another's. Throws `ApiProblem` for all that a caller can meet.
 */
export interface ConnectionsGateway {
  /** Starts a connection; an id that was started before, running or ended, is answered instead. */
  start(input: ConnectionInput, digest: string, labels: StartLabels): Promise<Started>;
  view(tenant: string, id: string): Promise<Detailed>;
  /** For the bearer of a signed link, who has no tenant. Undefined where there is no such connection. */
  viewForLink(id: string): Promise<Detailed | undefined>;
  /** What the connection last published, without asking a worker. Undefined where nothing is at hand. */
  lastPublished(tenant: string, id: string): Promise<ConnectionView | undefined>;
  /** Rejects with `connection_not_found` unless it is the tenant's. Asks no worker. */
  assertOwned(tenant: string, id: string): Promise<void>;
  /** The ids of all living connections, in order. */
  ids(tenant: string): Promise<readonly string[]>;
  timeline(tenant: string, id: string): Promise<readonly TimelineEntry[]>;
  list(tenant: string, filters: ListFilters, page: PageRequest): Promise<Page>;
  /** `requestId` makes a repeat harmless, within a run and beyond. */
  update<R, C extends Command>(id: string, name: UpdateName, command: C): Promise<UpdateOutcome<R>>;
  /** Has the next try of a waiting proof made now. Rejects with `nothing_to_try` where none is waited for. */
  tryNow(tenant: string, id: string): Promise<void>;
  /** Hands the cloud's redirect over. `ended` where the connection takes nothing any more. */
  callback(tenant: string, id: string, callback: OAuthCallback): Promise<'delivered' | 'ended'>;
  /** Has values that `put` stores looked at and destroyed; nothing is connected. */
  checkSubmission(input: ValidationInput, put: () => Promise<void>): Promise<ValidationOutcome>;
  /** Has what was stored for a connection destroyed that would not take it. */
  discardSubmission(input: ProofInput): Promise<void>;
  /** Living connections of all tenants. */
  countByStatus(): Promise<ReadonlyMap<ConnectionStatus, number>>;
  /** Rejects unless Temporal answers and knows the namespace. */
  ping(): Promise<void>;
}

const RequestMemoSchema = Type.Object({ digest: Type.String(), invitationExpiresAt: Type.String() });

export function createConnectionsGateway(deps: {
  readonly client: Client;
  readonly ephemeral: EphemeralStore;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly logger: Logger;
}): ConnectionsGateway {
  const { client, clock, ephemeral } = deps;
  const lookup = createLookup(deps);
  const owners = createOwners(lookup);
  const { namespace, loadedDataConverter } = client.options;

  /** Every call to Temporal ends in an answer or in a problem that a caller understands. */
  const ask = async <T>(call: () => Promise<T>, silent: 'worker' | 'temporal' = 'temporal'): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      throw fromTemporal(error, silent);
    }
  };

  const existing = async (id: string, tenant: string): Promise<Started> => {
    const description = await lookup.describe(id);
    const memo = description?.memo ?? {};
    const view = parseView(memo['view']) ?? (await lookup.remains(id));
    if (view?.tenant !== tenant) throw apiProblems.connectionNotFound();
    const request = Value.Check(RequestMemoSchema, memo['request']) ? memo['request'] : undefined;
    return { created: false, view, request };
  };

  const owned = async (tenant: string, id: string): Promise<Sighting> => {
    const sighting = await lookup.sight(id);
    if (sighting?.view.tenant !== tenant) throw apiProblems.connectionNotFound();
    return sighting;
  };

  const detailed = async (sighting: Sighting): Promise<Detailed> => {
    const { id, verification } = sighting.view;
    if (!verification) return { ...sighting, verification: null };
    const description = await lookup.describe(id).catch(() => undefined);
    return {
      ...sighting,
      verification: description
        ? await withPending(verification, description, {
            dataConverter: loadedDataConverter,
            namespace,
            triesBefore: async (pending) => await triesBefore(ephemeral, description, pending),
          })
        : withoutPending(verification),
    };
  };

  return {
    async start(input, digest, labels) {
      const nowMs = clock.now();
      const options = startOptions(input, digest, labels, nowMs);
      return await ask(async () => {
        try {
          await within(client, deadlines.start, () => client.workflow.start(workflowTypes.connection, options));
        } catch (error) {
          if (error instanceof WorkflowExecutionAlreadyStartedError) return await existing(input.id, input.tenant);
          throw error;
        }
        const view = initialView(input, nowMs);
        return { created: true, view, request: { digest, invitationExpiresAt: view.invitation?.expiresAt ?? '' } };
      });
    },

    async view(tenant, id) {
      return await ask(async () => await detailed(await owned(tenant, id)), 'worker');
    },

    async viewForLink(id) {
      return await ask(async () => {
        const sighting = await lookup.sight(id);
        return sighting && (await detailed(sighting));
      }, 'worker');
    },

    async lastPublished(tenant, id) {
      const view = await lookup.published(id);
      return view?.tenant === tenant ? view : undefined;
    },

    async assertOwned(tenant, id) {
      await ask(() => owners.assertOwned(tenant, id));
    },

    async ids(tenant) {
      return await ask(() => listIds(client, tenant));
    },

    async timeline(tenant, id) {
      return await ask(async () => {
        await owners.assertOwned(tenant, id);
        try {
          const handle = client.workflow.getHandle(id);
          return await within(client, deadlines.query, () => handle.query<readonly TimelineEntry[]>(messages.timeline));
        } catch (error) {
          if (!isWorkflowGone(error)) throw error;
          return remainingTimeline((await owned(tenant, id)).view);
        }
      }, 'worker');
    },

    async list(tenant, filters, page) {
      return await ask(() => listPage({ client, lookup }, tenant, filters, page));
    },

    async update<R, C extends Command>(id: string, name: UpdateName, command: C): Promise<UpdateOutcome<R>> {
      return await ask(async () => {
        await owners.assertOwned(command.tenant, id);
        try {
          return await sendUpdate<R, C>(client, id, name, command);
        } catch (error) {
          if (!isWorkflowGone(error)) throw error;
          throw apiProblems.connectionEnded((await owned(command.tenant, id)).view.status);
        }
      }, 'worker');
    },

    async tryNow(tenant, id) {
      await ask(async () => {
        await owners.assertOwned(tenant, id);
        const description = await lookup.describe(id);
        if (!description) throw apiProblems.connectionEnded((await owned(tenant, id)).view.status);
        await tryNow({ client, ephemeral }, description);
      });
    },

    async callback(tenant, id, callback) {
      return await ask(async () => {
        await owners.assertOwned(tenant, id);
        try {
          const handle = client.workflow.getHandle(id);
          await within(client, deadlines.signal, () => handle.signal(messages.oauthCallback, callback));
          return 'delivered';
        } catch (error) {
          if (isWorkflowGone(error)) return 'ended';
          throw error;
        }
      });
    },

    async checkSubmission(input, put) {
      return await ask(() => checkSubmission(client, input, put), 'worker');
    },

    async discardSubmission(input) {
      await ask(() => discardSubmission(client, input));
    },

    async countByStatus() {
      return await ask(() => countByStatus(client));
    },

    async ping() {
      await ask(() => within(client, deadlines.ping, () => client.workflowService.describeNamespace({ namespace })));
    },
  };
}

/** What is left to tell of a connection whose history is beyond Temporal's retention. */
const remainingTimeline = ({ status, statusSince }: ConnectionView): TimelineEntry[] => [
  { at: statusSince, event: status, text: `The connection is ${status}. Its earlier timeline is no longer kept.` },
];
