import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  makeContinueAsNewFunc,
  proxyActivities,
  setCurrentDetails,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../contracts/activities.ts';
import type { AdvanceOutcome, BatchInput, BatchNews, BatchView, ItemPlace } from '../../contracts/batches.ts';
import { taskQueues } from '../../contracts/ids.ts';
import { inMarkdown } from '../../contracts/plain-text.ts';
import { iso } from '../../contracts/time.ts';
import { untilDone } from '../connection/activities.ts';
import { ignoreActivityFailure } from '../connection/failures.ts';
import { handleMessages, type Held } from './messages.ts';
import { nextStep, WAITING_AFTER_MS, type Step } from './next-step.ts';
import {
  advanced,
  begunItems,
  cancelled,
  initialState,
  statusOf,
  viewOf,
  waitedEnough,
  type BatchState,
} from './state.ts';

/** Well below Temporal's limits. */
const EVENTS_PER_RUN = 2_000;
/** No run lives for a day, so that its input is sealed under the newest key at least daily. */
const RUN_MS = 12 * 60 * 60 * 1000;
/** Between two messages to subscribers. */
const TOLD_EVERY_MS = 1_000;
/** While nothing settles, steps are further and further apart. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
/** Behind what connections ask for: their upkeep, and what a person waits for. */
const PRIORITY = 5;

/**
 * Connects many accounts, a window of them at a time. Each becomes an ordinary connection with a workflow of its own;
 * this one starts them and looks at how far they have come. Items are stored in the secret store and named here by their
 * place: their values and ids are in no history.
 */
export async function batch(given: BatchInput, carried?: BatchState): Promise<BatchView> {
  const input = parseInput(given);
  const held: Held = { state: carried ?? initialState(input, Date.now()) };
  const run = new BatchRun(input, held);
  handleMessages(input, held, () => run.wake());
  const root = CancellationScope.current();
  return await CancellationScope.nonCancellable(async () => {
    // An operator's Cancel is the tenant's: what runs ends, what has not begun never begins.
    root.cancelRequested.catch(() => {
      held.state = cancelled(held.state);
      run.wake();
    });
    return await run.live();
  });
}

/** One run of a batch. */
class BatchRun {
  readonly #input: BatchInput;
  readonly #held: Held;
  readonly #startedAt = Date.now();
  readonly #activities: ReturnType<typeof activitiesOf>;
  #isAwake = false;
  /** The step that is under way. */
  #step: CancellationScope | undefined;
  #quietSteps = 0;
  #toldAt = 0;
  #shown = '';

  constructor(input: BatchInput, held: Held) {
    this.#input = input;
    this.#held = held;
    this.#activities = activitiesOf(input.tenant);
  }

  /** A cancelled batch begins nothing more, so the step under way is told. */
  wake(): void {
    this.#isAwake = true;
    if (this.#held.state.isCancelled) this.#step?.cancel();
    // In the task of the message, so that its sender reads what it has changed.
    this.#announce(true);
  }

  async live(): Promise<BatchView> {
    for (;;) {
      this.#announce();
      await this.#tellFinished();
      if (this.#isRunFull() && allHandlersFinished()) await this.#continue();
      // Nothing is waited for between the decision and the deed: a message may change the state meanwhile.
      this.#isAwake = false;
      const step = nextStep(this.#held.state, this.#input, Date.now());
      if (step.do === 'end') return await this.#end();
      await this.#do(step);
    }
  }

  async #do(step: Exclude<Step, { do: 'end' }>): Promise<void> {
    switch (step.do) {
      case 'advance':
        return await this.#advance(step.begin, step.watch);
      case 'look': {
        const { settled } = await this.#ask([], step.watch);
        // Waiting items have begun: one that is not found now is looked for again later.
        const state = advanced(this.#held.state, { settled, absent: [] });
        return this.#change({ ...state, look: step.next, isTold: state.isTold && settled.length === 0 });
      }
      case 'sleep':
        return await this.#sleep(Math.min(step.untilMs - Date.now(), this.#left()), step.summary);
    }
  }

  async #advance(begin: readonly ItemPlace[], watch: readonly number[]): Promise<void> {
    if (begin.length > 0)
      this.#change(
        begunItems(
          this.#held.state,
          begin.map(({ index }) => index),
          Date.now(),
        ),
      );
    const outcome = await this.#ask(begin, watch);
    this.#change(advanced(this.#held.state, outcome));
    this.#change(waitedEnoughNow(this.#held.state));
    const isQuiet = begin.length === 0 && outcome.settled.length === 0 && outcome.absent.length === 0;
    this.#quietSteps = isQuiet ? this.#quietSteps + 1 : 0;
    if (!isQuiet) return;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.#quietSteps - 1, 10), LONGEST_PAUSE_MS);
    await this.#sleep(pauseMs, 'Items are under way');
  }

  /** Cancelled before any attempt could answer, nothing is known: the next step asks about each item. */
  async #ask(begin: readonly ItemPlace[], watch: readonly number[]): Promise<AdvanceOutcome> {
    const { id, tenant, provider, region, method, terms } = this.#input;
    const about = { id, tenant, provider, region, method };
    const scope = new CancellationScope();
    this.#step = scope;
    const news = this.#progress();
    try {
      return await scope.run(() =>
        this.#activities.advanceBatch.executeWithOptions(
          { summary: `Begin ${begin.length} items, look at ${watch.length}` },
          [{ batch: about, terms, begin, watch, news }],
        ),
      );
    } catch (error) {
      if (isCancellation(error)) return { settled: [], absent: [] };
      throw error;
    } finally {
      this.#step = undefined;
    }
  }

  async #sleep(milliseconds: number, summary: string): Promise<void> {
    setCurrentDetails(`${this.#details()}\n\n${summary}.`);
    await condition(() => this.#isAwake, Math.max(milliseconds, 1));
  }

  #change(state: BatchState): void {
    if (state === this.#held.state) return;
    this.#held.state = { ...state, updatedAt: iso(Date.now()) };
  }

  get #view(): BatchView {
    return viewOf(this.#input, this.#held.state);
  }

  /** Memo and details as they are; at most once a second while the batch runs. */
  #announce(isAsked = false): void {
    const view = this.#view;
    const isDue = isAsked || Date.now() - this.#toldAt >= TOLD_EVERY_MS || view.status !== 'running';
    const shown = JSON.stringify([view.status, view.counts]);
    if (!isDue || shown === this.#shown) return;
    this.#shown = shown;
    upsertMemo({ view });
    setCurrentDetails(this.#details());
  }

  /** For the next step to publish: the counts, where they are news and the last ones are a second old. */
  #progress(): BatchNews | null {
    const { state } = this.#held;
    if (state.isTold || Date.now() - this.#toldAt < TOLD_EVERY_MS) return null;
    this.#toldAt = Date.now();
    return this.#news('batch_progress');
  }

  #news(event: BatchNews['event']): BatchNews {
    const { status, items, counts } = this.#view;
    return { event, at: iso(Date.now()), status, items, counts };
  }

  /** Once for each time that every item has an outcome. */
  async #tellFinished(): Promise<void> {
    const { status, counts } = this.#view;
    if (this.#held.state.isTold || status === 'open' || counts.pending + counts.connecting > 0) return;
    this.#held.state = { ...this.#held.state, isTold: true };
    const { id, tenant, provider, region, method } = this.#input;
    await this.#activities.tellBatch
      .executeWithOptions({ summary: 'Publish that it has finished' }, [
        { batch: { id, tenant, provider, region, method }, news: this.#news('batch_finished') },
      ])
      .catch(ignoreActivityFailure);
  }

  #left(): number {
    return Math.max(this.#startedAt + RUN_MS - Date.now(), 1);
  }

  #isRunFull(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return historyLength > EVENTS_PER_RUN || continueAsNewSuggested || Date.now() >= this.#startedAt + RUN_MS;
  }

  /** The whole memo is passed on: Temporal would give the next run the first run's value of any entry left out. */
  async #continue(): Promise<never> {
    const continueAsNew = makeContinueAsNewFunc<typeof batch>({ memo: { ...workflowInfo().memo, view: this.#view } });
    return await continueAsNew(this.#input, this.#held.state);
  }

  async #end(): Promise<BatchView> {
    this.#change({ ...this.#held.state, isOver: true });
    this.#announce();
    const { id, tenant, provider, region, method } = this.#input;
    await untilDone.destroySecrets.executeWithOptions({ summary: 'Destroy the stored items' }, [
      { connection: { id, tenant, provider, region, method } },
    ]);
    return this.#view;
  }

  #details(): string {
    const { state } = this.#held;
    const { items, counts, name } = this.#view;
    const of = Object.entries(counts).flatMap(([outcome, count]) => (count > 0 ? [`${count} ${outcome}`] : []));
    const title = name === null ? '' : ` ${inMarkdown(name)}`;
    return `**${statusOf(state, counts)}**${title}: ${items} items${of.length > 0 ? ` (${of.join(', ')})` : ''}`;
  }
}

const waitedEnoughNow = (state: BatchState): BatchState => waitedEnough(state, Date.now() - WAITING_AFTER_MS);

/** `tenant` is the fairness key, on servers that support it. */
const activitiesOf = (tenant: string) => {
  const options = {
    taskQueue: taskQueues.workflows,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    priority: { priorityKey: PRIORITY, fairnessKey: tenant },
    retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 min' },
  } as const;
  const { advanceBatch } = proxyActivities<Activities>({
    ...options,
    heartbeatTimeout: '10 s',
    startToCloseTimeout: '90 s',
  });
  // Best effort: news that cannot be published within a minute is not worth waiting for.
  const { tellBatch } = proxyActivities<Activities>({
    ...options,
    startToCloseTimeout: '5 s',
    scheduleToCloseTimeout: '1 min',
  });
  return { advanceBatch, tellBatch };
};

/** An operator may start one by hand: an unexpected value fails the workflow, not its task again and again. */
function parseInput(value: BatchInput | null | undefined): BatchInput {
  const texts = [value?.id, value?.tenant, value?.provider, value?.region, value?.method];
  const numbers = [value?.window, value?.openSeconds];
  const isBatch =
    value?.id === workflowInfo().workflowId &&
    texts.every((text) => typeof text === 'string') &&
    numbers.every((number) => Number.isSafeInteger(number) && (number ?? 0) > 0) &&
    Array.isArray(value.terms?.tags);
  if (!isBatch) throw ApplicationFailure.nonRetryable('The input is no batch.', 'invalid_input');
  return value;
}
