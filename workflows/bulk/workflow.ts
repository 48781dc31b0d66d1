import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  defineQuery,
  defineUpdate,
  isCancellation,
  makeContinueAsNewFunc,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../contracts/activities.ts';
import {
  bulkActions,
  bulkMessages,
  MOST_TARGETS,
  type BulkInput,
  type BulkNews,
  type BulkResults,
  type BulkView,
  type SettledTarget,
  type Target,
} from '../../contracts/bulk.ts';
import { taskQueues } from '../../contracts/ids.ts';
import type { Command } from '../../contracts/messages.ts';
import { iso } from '../../contracts/time.ts';
import { ignoreActivityFailure, rejectionFailure } from '../connection/failures.ts';
import { cancelled, initialState, nextTargets, settled, viewOf, withoutTurn, type BulkState } from './state.ts';

/** Well below Temporal's limits. */
const EVENTS_PER_RUN = 2_000;
/** Between two messages to subscribers, and two writes of the memo. */
const TOLD_EVERY_MS = 1_000;
/** Behind what connections ask for: their upkeep, and what a person waits for. */
const PRIORITY = 5;

/** Does the same with many connections, some at a time, each by the verb that a request for it alone would use. */
export async function bulk(given: BulkInput, carried?: BulkState): Promise<BulkView> {
  const input = parseInput(given);
  const job = new Job(input, carried ?? initialState(input, iso(Date.now())));
  const root = CancellationScope.current();
  return await CancellationScope.nonCancellable(async () => {
    // An operator's Cancel is the tenant's: what has not had its turn never has it.
    root.cancelRequested.catch(() => job.cancel());
    return await job.run();
  });
}

class Job {
  readonly #input: BulkInput;
  readonly #activities: ReturnType<typeof activitiesOf>;
  #state: BulkState;
  #step: CancellationScope | undefined;
  #toldAt = 0;
  #shown = '';

  constructor(input: BulkInput, state: BulkState) {
    this.#input = input;
    this.#state = state;
    this.#activities = activitiesOf(input.tenant);
    setHandler(defineQuery<BulkResults>(bulkMessages.results), () => ({
      targets: input.targets,
      outcomes: this.#state.outcomes,
    }));
    setHandler(
      defineUpdate<BulkView, [Command]>(bulkMessages.cancel),
      () => {
        this.cancel();
        return this.#view;
      },
      { validator: (command) => refuseStranger(input, command) },
    );
  }

  cancel(): void {
    this.#state = cancelled(this.#state, iso(Date.now()));
    this.#step?.cancel();
    this.#announce();
  }

  async run(): Promise<BulkView> {
    for (;;) {
      if (this.#isDue) this.#announce();
      const targets = nextTargets(this.#input, this.#state);
      if (targets.length === 0) return await this.#end();
      if (this.#isRunFull && allHandlersFinished()) await this.#continue();
      const outcomes = await this.#apply(targets);
      this.#state = settled(this.#state, outcomes, iso(Date.now()));
    }
  }

  /** Cancelled before an attempt could answer, it is not known which of these an attempt has asked. */
  async #apply(targets: readonly Target[]): Promise<readonly SettledTarget[]> {
    const { id, tenant, deed, by } = this.#input;
    const scope = new CancellationScope();
    this.#step = scope;
    try {
      return await scope.run(() =>
        this.#activities.applyBulk.executeWithOptions({ summary: `${deed.action} ${targets.length} connections` }, [
          { bulk: { id, tenant }, deed, by, targets, news: this.#progress() },
        ]),
      );
    } catch (error) {
      if (isCancellation(error)) return targets.map(({ index }) => ({ index, outcome: 'unanswered' }));
      throw error;
    } finally {
      this.#step = undefined;
    }
  }

  async #end(): Promise<BulkView> {
    this.#state = withoutTurn(this.#state, iso(Date.now()));
    this.#announce();
    const { id, tenant } = this.#input;
    const { tellBulk } = this.#activities;
    await tellBulk
      .executeWithOptions({ summary: 'Publish that it has ended' }, [
        { bulk: { id, tenant }, news: this.#news('bulk_finished') },
      ])
      .catch(ignoreActivityFailure);
    await condition(allHandlersFinished);
    return this.#view;
  }

  get #view(): BulkView {
    return viewOf(this.#input, this.#state);
  }

  get #isDue(): boolean {
    return Date.now() - this.#toldAt >= TOLD_EVERY_MS;
  }

  /** Memo and details as they are. */
  #announce(): void {
    const view = this.#view;
    const { action, status, counts, reason } = view;
    const shown = JSON.stringify([status, counts]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    upsertMemo({ view });
    const of = Object.entries(counts).flatMap(([outcome, count]) => (count > 0 ? [`${count} ${outcome}`] : []));
    setCurrentDetails(`**${action}: ${status}** (${of.join(', ')})${reason === null ? '' : `\n\n${reason}`}`);
  }

  #progress(): BulkNews | null {
    if (!this.#isDue) return null;
    this.#toldAt = Date.now();
    return this.#news('bulk_progress');
  }

  #news(event: BulkNews['event']): BulkNews {
    const { action, status, targets, counts } = this.#view;
    return { event, at: iso(Date.now()), action, status, targets, counts };
  }

  get #isRunFull(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return historyLength > EVENTS_PER_RUN || continueAsNewSuggested;
  }

  /** The whole memo is passed on: Temporal would give the next run the first run's value of any entry left out. */
  async #continue(): Promise<never> {
    const continueAsNew = makeContinueAsNewFunc<typeof bulk>({ memo: { ...workflowInfo().memo, view: this.#view } });
    return await continueAsNew(this.#input, this.#state);
  }
}

/** To another tenant the job does not exist. Any client of Temporal can send anything. */
function refuseStranger({ tenant }: BulkInput, command: Command | null | undefined): void {
  if (command?.tenant === tenant) return;
  throw rejectionFailure({
    kind: 'not_found',
    code: 'bulk_not_found',
    message: 'There is no such bulk job.',
    remedy: 'Check the id.',
  });
}

/** `tenant` is the fairness key, on servers that support it. */
const activitiesOf = (tenant: string) => {
  const options = {
    taskQueue: taskQueues.workflows,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    priority: { priorityKey: PRIORITY, fairnessKey: tenant },
    retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 min' },
  } as const;
  const { applyBulk } = proxyActivities<Activities>({
    ...options,
    heartbeatTimeout: '10 s',
    startToCloseTimeout: '5 min',
  });
  // Best effort: news that cannot be published within a minute is not worth waiting for.
  const { tellBulk } = proxyActivities<Activities>({
    ...options,
    startToCloseTimeout: '5 s',
    scheduleToCloseTimeout: '1 min',
  });
  return { applyBulk, tellBulk };
};

/** An operator may start one by hand: an unexpected value fails the workflow, not its task again and again. */
function parseInput(value: BulkInput | null | undefined): BulkInput {
  const isBulk =
    value?.v === 1 &&
    value.id === workflowInfo().workflowId &&
    typeof value.tenant === 'string' &&
    bulkActions.includes(value.deed?.action) &&
    Array.isArray(value.targets) &&
    value.targets.length <= MOST_TARGETS;
  if (!isBulk) throw ApplicationFailure.nonRetryable('The input is no bulk job.', 'invalid_input');
  return value;
}
