import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { Actor } from '../../contracts/actor.ts';
import type { ProofInput } from '../../contracts/activities.ts';
import type {
  ConnectionRef,
  ConnectionStatus,
  ConnectionView,
  RequestMemo,
  TimelineEntry,
} from '../../contracts/connection.ts';
import type {
  CommandOf,
  ConnectionInput,
  ConnectionSignals,
  OAuthCallback,
  ReplyOf,
  SignalName,
  UpdateName,
} from '../../contracts/messages.ts';
import type { ValidationInput, ValidationOutcome } from '../../contracts/validation.ts';
import type { Clock } from '../../platform/clock.ts';
import { KeyRingError } from '../../platform/key-ring.ts';
import type { Logger } from '../../platform/logger.ts';
import { startMemo, startOptions, type StartLabels } from '../../platform/temporal/connection-start.ts';
import type { StartDigests } from '../../platform/temporal/start-attributes.ts';
import { queryConnection, signalConnection, startWorkflow } from '../../platform/temporal/typed-client.ts';
import { publishNews } from '../../stores/ephemeral/news.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { Inventory } from '../../stores/inventory/port.ts';
import type { SecretStore } from '../../stores/secrets/port.ts';
import type { TellEndpoints } from '../../stores/webhooks/tell-endpoints.ts';
import { apiProblems, type ApiProblem } from '../http/problem.ts';
import { deadlines, retryWhileClosing, within } from './deadlines.ts';
import { fromTemporal, isDeadline, isWorkflowGone, type Waiting } from './errors.ts';
import { isStuck } from './health.ts';
import { listPage, type Page, type PageRequest } from './list.ts';
import { createLookup, createOwners, type Found } from './lookup.ts';
import { viewUnopened } from './memo.ts';
import { createOverview, type Overview } from './overview.ts';
import { createPollers, type QueuePollers } from './pollers.ts';
import { temporalProblems } from './problems.ts';
import { waitForRestart, sendUpdate, type UpdateOutcome } from './send-update.ts';
import { shareAnswers } from './share-answers.ts';
import { invitedNews, tellStart } from './start.ts';
import { checkSubmission, discardSubmission } from './submissions.ts';
import { tryNow } from './try-now.ts';
import { isFinal, shortTimeline } from './views.ts';
import { countByStatus, countLiving, listRefs, type ListFilters } from './visibility.ts';

/** Every command of the API says who asks. */
export type Asked<Command> = Command & { readonly by: Actor };

export interface Started {
  readonly created: boolean;
  readonly view: ConnectionView;
  /** Absent where it was not kept. */
  readonly request: RequestMemo | undefined;
}

/**
 * The API's only access to Temporal. A method that takes a tenant answers `connection_not_found` for a connection of
 * another tenant. Throws `ApiProblem` for every error that a caller can meet. Reading needs no worker, except for the
 * timeline.
 */
export interface ConnectionsGateway extends Overview {
  /** Starts a connection. When the id was used before, running or ended, answers that connection instead. */
  start(input: ConnectionInput, digest: string, labels: StartLabels, digests: StartDigests): Promise<Started>;
  /** The tombstone of a connection that ended under this id. Undefined when there is none. */
  ended(tenant: string, id: string): Promise<Started | undefined>;
  view(tenant: string, id: string): Promise<Found>;
  /** For the bearer of a signed link, who has no tenant. Undefined where there is no such connection. */
  viewForLink(id: string): Promise<Found | undefined>;
  /** Rejects with `connection_not_found` unless it is the tenant's. */
  assertOwned(tenant: string, id: string): Promise<void>;
  /** What names a connection; none of it ever changes. Rejects like `assertOwned`. */
  ref(tenant: string, id: string): Promise<ConnectionRef>;
  /** The same of all living connections, or of those that match, in order of their ids. */
  refs(tenant: string, filters?: ListFilters): Promise<readonly ConnectionRef[]>;
  /** Asks a worker. When no worker answers, the timeline is one entry made from what Temporal itself knows. */
  timeline(tenant: string, id: string): Promise<readonly TimelineEntry[]>;
  list(tenant: string, filters: ListFilters, page: PageRequest): Promise<Page>;
  /** How many connections of the tenant have not ended, about a second behind. */
  count(tenant: string): Promise<number>;
  /** Safe to repeat with the same `requestId`, also after the workflow has continued as a new run. */
  update<N extends UpdateName>(id: string, name: N, command: Asked<CommandOf<N>>): Promise<UpdateOutcome<ReplyOf<N>>>;
  /**
   * Makes the next attempt of a waiting proof, or of upkeep, start now. Rejects with `nothing_to_try` when none is
   * pending.
   */
  tryNow(tenant: string, id: string): Promise<void>;
  /** Sends the cloud's redirect to the workflow. `ended` = the connection has ended and does not use it. */
  callback(tenant: string, id: string, callback: OAuthCallback): Promise<'delivered' | 'ended'>;
  /** Has the workflow lock its invitation of this epoch; of another epoch, or in an ended connection, nothing. */
  lockInvitation(tenant: string, id: string, epoch: number): Promise<void>;
  /** A worker checks the values that `put` stores, then destroys them. Nothing is connected. */
  checkSubmission(input: ValidationInput, put: () => Promise<void>): Promise<ValidationOutcome>;
  /** A worker destroys the values that were stored for a connection which then refused them. */
  discardSubmission(input: ProofInput): Promise<void>;
  /** Counts the living and the stopped connections of all tenants. */
  countByStatus(): Promise<ReadonlyMap<ConnectionStatus, number>>;
  /** Who polls the task queues of all workers, and those of the providers named. */
  pollers(providers: readonly string[]): Promise<readonly QueuePollers[]>;
  /** Rejects unless Temporal answers and knows the namespace. */
  ping(): Promise<void>;
}

/** Visibility is about a second behind in any case, and answers only a few queries per second. */
const LIST_SHARED_MS = 500;
const LISTS_SHARED = 500;

export function createConnectionsGateway(deps: {
  readonly client: Client;
  readonly ephemeral: EphemeralStore;
  readonly secrets: SecretStore;
  readonly inventory: Pick<Inventory, 'pass'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tellEndpoints: TellEndpoints;
}): ConnectionsGateway {
  const { client, clock, ephemeral, logger } = deps;
  const lookup = createLookup(deps);
  const owners = createOwners(lookup);
  const overview = createOverview({ client, lookup, clock });
  const pollers = createPollers(client, clock);
  const sharedList = shareAnswers<Page>(clock, { keptMs: () => LIST_SHARED_MS, most: LISTS_SHARED });
  const { namespace } = client.options;

  /** Every call to Temporal ends in an answer or in a problem that a caller understands. */
  const ask = async <T>(call: () => Promise<T>, waiting: Waiting = 'temporal'): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      throw error instanceof KeyRingError ? viewUnopened(error) : fromTemporal(error, waiting);
    }
  };

  const owned = async (tenant: string, id: string): Promise<Found> => {
    const found = await lookup.find(id, tenant);
    if (!found) throw apiProblems.connectionNotFound();
    return found;
  };

  const asStarted = ({ view, request }: Found): Started => ({ created: false, view, request });

  /** No run accepts a message: the connection has ended, or its workflow was ended from outside (see `waitForRestart`). */
  const whenGone = async (tenant: string, id: string, name: UpdateName | 'tryNow'): Promise<void> => {
    const execution = (await lookup.describe(id))?.execution;
    if (execution?.state === 'running') return;
    const status = execution ? execution.attributes.status : (await owned(tenant, id)).view.status;
    if (execution?.state === 'stopped' && !isFinal(status)) {
      const isRunning = async () => (await lookup.describe(id))?.execution.state === 'running';
      return await waitForRestart({ client, logger, isRunning }, name);
    }
    throw apiProblems.connectionEnded(status ?? 'not known');
  };

  /** The update was not accepted in time: either the workflow task keeps failing, or no worker runs. */
  const unanswered = async (id: string, error: unknown): Promise<ApiProblem> => {
    const description = await lookup.describe(id).catch(() => undefined);
    return description && isStuck(description) ? temporalProblems.stuck(error) : temporalProblems.verbUnanswered(error);
  };

  const signal = async <N extends SignalName>(
    tenant: string,
    id: string,
    name: N,
    message: ConnectionSignals[N],
  ): Promise<'delivered' | 'ended'> =>
    await ask(async () => {
      await owners.assertOwned(tenant, id);
      try {
        await within(client, deadlines.signal, () =>
          retryWhileClosing(() => signalConnection(client, id, name, message)),
        );
        return 'delivered';
      } catch (error) {
        if (isWorkflowGone(error)) return 'ended';
        throw error;
      }
    });

  /** Publishes the start at once, so that subscribers need not wait for a worker. Best effort. */
  const publishStart = async (input: ConnectionInput, view: ConnectionView): Promise<void> => {
    try {
      await publishNews(ephemeral, input, invitedNews(view, input.by));
    } catch (error) {
      if (!(error instanceof EphemeralStoreUnavailable)) throw error;
      logger.warn(
        { err: error, connection: input.id },
        'A new connection was not published: the ephemeral store does not answer.',
      );
    }
  };

  return {
    async start(input, digest, labels, digests) {
      const memo = startMemo(input, digest, clock.now());
      const { view, request } = memo;
      const options = startOptions(input, memo, labels, digests);
      return await ask(async () => {
        try {
          await within(client, deadlines.start, () => startWorkflow(client, 'connection', options));
        } catch (error) {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          return asStarted(await owned(input.tenant, input.id));
        }
        void tellStart(deps, view);
        await publishStart(input, view);
        return { created: true, view, request };
      });
    },

    async ended(tenant, id) {
      const kept = await lookup.tombstone(id);
      return kept?.view.tenant === tenant ? asStarted(kept) : undefined;
    },

    view: async (tenant, id) => await ask(() => owned(tenant, id)),
    viewForLink: async (id) => await ask(() => lookup.find(id)),
    assertOwned: async (tenant, id) => await ask(() => owners.assertOwned(tenant, id)),
    ref: async (tenant, id) => await ask(() => owners.ref(tenant, id)),
    refs: async (tenant, filters = {}) => await ask(() => listRefs(client, tenant, filters)),

    async timeline(tenant, id) {
      return await ask(async () => {
        await owners.assertOwned(tenant, id);
        try {
          return await within(client, deadlines.query, () => queryConnection(client, id, 'timeline'));
        } catch (error) {
          logger.info({ err: error, connection: id }, 'A timeline was asked for, and no worker answered.');
          return shortTimeline((await owned(tenant, id)).view);
        }
      }, 'question');
    },

    async list(tenant, filters, page) {
      const { limit, pageToken } = page;
      const token = pageToken ? Buffer.from(pageToken).toString('base64') : null;
      const key = JSON.stringify([tenant, filters, limit, token]);
      return await ask(() => sharedList(key, () => listPage({ client, lookup }, tenant, filters, page)));
    },

    counts: async (...asked) => await ask(() => overview.counts(...asked)),
    waiting: async (...asked) => await ask(() => overview.waiting(...asked)),
    ending: async (...asked) => await ask(() => overview.ending(...asked)),
    handingOut: async (...asked) => await ask(() => overview.handingOut(...asked)),

    count: async (tenant) => await ask(() => countLiving(client, tenant)),

    async update(id, name, command) {
      const { tenant } = command;
      const send = () => sendUpdate(client, id, name, command);
      return await ask(async () => {
        await owners.assertOwned(tenant, id);
        try {
          return await send();
        } catch (error) {
          if (isDeadline(error)) throw await unanswered(id, error);
          if (!isWorkflowGone(error)) throw error;
        }
        await whenGone(tenant, id, name);
        return await send();
      }, 'verb');
    },

    async tryNow(tenant, id) {
      await ask(async () => {
        await owners.assertOwned(tenant, id);
        let description = await lookup.describe(id);
        if (description?.execution.state !== 'running') {
          await whenGone(tenant, id, 'tryNow');
          description = await lookup.describe(id);
        }
        const describe = () => lookup.describe(id);
        if (description) await tryNow({ client, ephemeral, describe }, description);
      });
    },

    callback: async (tenant, id, callback) => await signal(tenant, id, 'oauthCallback', callback),
    lockInvitation: async (tenant, id, epoch) => void (await signal(tenant, id, 'lockInvitation', { epoch })),

    checkSubmission: async (input, put) => await ask(() => checkSubmission(client, input, put), 'question'),
    discardSubmission: async (input) => await ask(() => discardSubmission(client, input)),
    countByStatus: async () => await ask(() => countByStatus(client)),
    pollers: async (providers) => await ask(() => pollers(providers)),

    async ping() {
      await ask(() => within(client, deadlines.ping, () => client.workflowService.describeNamespace({ namespace })));
    },
  };
}
