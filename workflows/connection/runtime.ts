import {
  allHandlersFinished,
  CancellationScope,
  condition,
  setCurrentDetails,
  sleep,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Actor } from '../../contracts/actor.ts';
import type { ConnectionView, TimelineEntry } from '../../contracts/connection.ts';
import { iso } from '../../contracts/time.ts';
import { cloudActivities, type CloudActivities } from './activities.ts';
import { changedAttributes, type Attributes } from './attributes.ts';
import { Outbox } from './outbox.ts';
import { isFinal, type ConnectionEvent, type ConnectionState } from './phases.ts';
import { runIsOver, type Run, type Wake } from './schedule.ts';
import { apply } from './state.ts';
import { currentDetails, viewOf } from './view.ts';

/** Applies the outcome of an operation to the state; served from the queue, when nothing else is being done. */
export type Settle = () => void | Promise<void>;

/** A long operation. Another key means another operation: the running one is cancelled first. */
export interface Wanted {
  readonly key: string;
  /** Must not reject on cancellation if the outcome of the cancelled operation still counts. */
  readonly run: () => Promise<Settle>;
}

interface Running {
  readonly key: string;
  readonly scope: CancellationScope;
  settled: boolean;
}

/** The two long operations that may run side by side: upkeep, and the one that the state waits for. */
export type Slot = 'upkeep' | 'background';

/** One run of a connection: its state, its queue, and what it last published. Lives for one run only. */
export class ConnectionRuntime {
  state: ConnectionState;
  /** An operator cancelled the workflow. */
  cancelRequested = false;
  readonly cloud: CloudActivities;
  readonly outbox: Outbox;
  readonly startedAt = Date.now();
  readonly jitter = Math.random();
  readonly #outcomes: (() => Promise<void>)[] = [];
  readonly #messages: (() => Promise<void>)[] = [];
  readonly #running: Partial<Record<Slot, Running>> = {};
  #attributes: Attributes;
  #announced: ConnectionState | undefined;
  #timer: { readonly at: number; readonly scope: CancellationScope } | undefined;
  #timerFired = false;

  /**
   * `isTold`: memo and search attributes show this state already. `isContinued`: it was handed on by the run before.
   * `published`: the timeline entries that subscribers have; by default all, because the API publishes the first entry
   * itself when it starts the workflow.
   */
  constructor(
    state: ConnectionState,
    attributes: Attributes,
    { isTold, isContinued }: { readonly isTold: boolean; readonly isContinued: boolean },
    published: readonly TimelineEntry[] = state.timeline,
  ) {
    this.state = state;
    this.cloud = cloudActivities(state.ref.provider, state.ref.tenant);
    this.#attributes = attributes;
    this.#announced = isTold ? state : undefined;
    this.outbox = new Outbox(this, published, isContinued);
  }

  get now(): number {
    return Date.now();
  }

  /**
   * An operator's Cancel stops the connection. One that is being disconnected goes on: that was accepted, and
   * reconciliation would only start it again.
   */
  get isStopping(): boolean {
    return this.cancelRequested && this.state.phase.status !== 'disconnecting';
  }

  get view(): ConnectionView {
    return viewOf(this.state);
  }

  get run(): Run {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return {
      startedAt: this.startedAt,
      jitter: this.jitter,
      historyEvents: historyLength,
      suggested: continueAsNewSuggested,
      hasUpkeep: this.isRunning('upkeep'),
    };
  }

  /** `by`: who asked for it; absent where Mooring does it by itself. */
  change(event: ConnectionEvent, by?: Actor): void {
    this.state = apply(this.state, event, iso(this.now), by);
  }

  /** A change whose timeline entry has been published already, elsewhere. */
  changeToldBefore(event: ConnectionEvent): void {
    const { timeline } = this.state;
    this.change(event);
    this.outbox.countAsPublished(this.state.timeline.filter((entry) => !timeline.includes(entry)));
  }

  /**
   * Puts an operation on the queue that the main loop serves, one at a time, and answers what it answers. Handlers
   * never act themselves: two of them would be two operations.
   */
  enqueue<T>(serve: () => Promise<T> | T): Promise<T> {
    return queued(this.#messages, serve);
  }

  /**
   * Outcomes before messages. A worker that takes the workflow over can be given, in one task, a message and the outcome
   * that the task before had taken in already; a replay is given first the one, then the other
   * (temporalio/sdk-rust#1146). In this order both do the same.
   */
  async serveQueue(): Promise<void> {
    while (!this.#isQueueEmpty) {
      await everythingGivenIsQueued();
      await this.#next()?.();
      this.announce();
    }
  }

  #next(): (() => Promise<void>) | undefined {
    return this.#outcomes.shift() ?? this.#messages.shift();
  }

  get #isQueueEmpty(): boolean {
    return this.#outcomes.length === 0 && this.#messages.length === 0;
  }

  /** True once the queue is empty and no caller waits. The queue must be served until then, or callers would deadlock. */
  async drained(): Promise<boolean> {
    await condition(() => !this.#isQueueEmpty || (allHandlersFinished() && !this.outbox.isPublishing));
    return this.#isQueueEmpty && allHandlersFinished() && !this.outbox.isPublishing;
  }

  /** Sleeps until a message comes, an operation ends, or the wake is due; without a wake, for as long as that takes. */
  async waitFor(wake: Wake | undefined): Promise<void> {
    if (wake && wake.at <= this.now) return;
    if (wake && this.#isQueueEmpty) this.#setTimer(wake);
    await condition(() => !this.#isQueueEmpty || this.#timerFired);
    this.#timerFired = false;
  }

  /** One timer at a time, replaced only by an earlier one: each timer costs an event, and waking too early does no harm. */
  #setTimer({ at, summary }: Wake): void {
    if (this.#timer && this.#timer.at <= at) return;
    this.#timer?.scope.cancel();
    const timer = { at, scope: new CancellationScope() };
    this.#timer = timer;
    void timer.scope
      .run(() => sleep(at - this.now, { summary }))
      .then(
        () => {
          this.#timer = undefined;
          this.#timerFired = true;
        },
        (error: unknown) => {
          if (!timer.scope.consideredCancelled) throw error;
        },
      );
  }

  isRunning(slot: Slot): boolean {
    const running = this.#running[slot];
    return running !== undefined && !running.settled;
  }

  /**
   * Keeps exactly the wanted operation running in a slot. An operation that is no longer wanted is cancelled; the wanted
   * one starts after that has ended and its outcome is applied. The queue is served meanwhile.
   */
  keepRunning(slot: Slot, wanted: Wanted | undefined): void {
    const current = this.#running[slot];
    if (current && !current.settled) {
      if (current.key !== wanted?.key) current.scope.cancel();
      return;
    }
    if (!wanted) return;
    const running: Running = { key: wanted.key, scope: new CancellationScope(), settled: false };
    this.#running[slot] = running;
    void running.scope.run(wanted.run).then(
      (settle) => queued(this.#outcomes, settleOf(running, settle)),
      (error: unknown) => {
        // Cancelled because the state moved on, or the run ends: the next one is started from the state.
        if (running.scope.consideredCancelled)
          return queued(
            this.#outcomes,
            settleOf(running, () => undefined),
          );
        // Anything else is a bug: the workflow task fails until a fixed build is deployed, and nothing is lost.
        throw error;
      },
    );
  }

  /** A run that is over hands its events on. A connection that has ended waits until they are told. */
  publishNews(): void {
    const isOver = runIsOver(this.run, this.now) && !isFinal(this.state);
    if (isOver) this.outbox.stop();
    this.outbox.publish(!isOver && !this.isStopping);
  }

  /** Updates search attributes, memo and the Temporal UI's details, in the same task as the change. */
  announce(): void {
    setCurrentDetails(currentDetails(this.state));
    const before = this.#announced;
    if (before === this.state) return;
    if (before && isPassing(this.state) && !isAnnotated(before, this.state)) return;
    this.#announced = this.state;
    const { pairs, next } = changedAttributes(this.#attributes, this.state);
    this.#attributes = next;
    if (pairs.length > 0) upsertSearchAttributes(pairs);
    if (!before || isShown(before, this.state)) upsertMemo({ view: this.view });
  }
}

/**
 * The rest of the task that a worker was given must be on the queue before one of it is chosen: a message gets there
 * at once, an outcome after some promises. The SDK looks at a condition again when no promise can go on any more.
 */
async function everythingGivenIsQueued(): Promise<void> {
  let looks = 0;
  await condition(() => looks++ > 0);
}

function queued<T>(queue: (() => Promise<void>)[], serve: () => Promise<T> | T): Promise<T> {
  return new Promise((resolve, reject) => {
    queue.push(async () => {
      try {
        resolve(await serve());
      } catch (error) {
        reject(error);
      }
    });
  });
}

const settleOf = (running: Running, settle: Settle) => (): void | Promise<void> => {
  running.settled = true;
  return settle();
};

/**
 * Promotion takes one write to the store, too short to be worth an update of the memo. A caller's annotation that was
 * answered meanwhile is shown all the same.
 */
const isPassing = ({ phase }: ConnectionState): boolean =>
  phase.status === 'verifying' && phase.grant.step === 'promotion' && !phase.grant.confirm;

const isAnnotated = (before: ConnectionState, { name, tags }: ConnectionState): boolean =>
  before.name !== name || before.tags !== tags;

/** Requests that were served, and hashes of states, are bookkeeping: no reader sees them. */
function isShown(before: ConnectionState, { updatedAt: _at, ...after }: ConnectionState): boolean {
  const hidden: readonly (keyof ConnectionState)[] = [
    'requests',
    'servedStates',
    'discards',
    'forcedAt',
    'aboutStale',
    'digests',
    'events',
  ];
  return Object.entries(after).some(
    ([name, value]) =>
      !hidden.includes(name as keyof ConnectionState) && value !== before[name as keyof ConnectionState],
  );
}
