import {
  ActivityFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  setCurrentDetails,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ConnectionView, TimelineEntry } from './contracts/connection.ts';
import { local } from './connection.activities.ts';
import { changedAttributes, type Attributes } from './connection.attributes.ts';
import type { ConnectionEvent, ConnectionState } from './connection.phases.ts';
import { iso, type Run, type Wake } from './connection.schedule.ts';
import { apply } from './connection.state.ts';
import { currentDetails, viewOf } from './connection.view.ts';

/** An operation that waits long (propagation, a store, a revocation) while the loop goes on serving messages. */
interface Background {
  readonly key: string;
  readonly scope: CancellationScope;
  settled: boolean;
}

/** One run of a connection: its state, its queue and what it told the outside world last. Lives for one run only. */
export class ConnectionRuntime {
  state: ConnectionState;
  cycles = 0;
  readonly #startedAt = Date.now();
  readonly #jitter = Math.random();
  readonly #queue: (() => Promise<void>)[] = [];
  #background: Background | undefined;
  #attributes: Attributes;
  #published: ConnectionState | undefined;

  /** `published`: the run before has told the world about this state already. */
  constructor(state: ConnectionState, attributes: Attributes, published: boolean) {
    this.state = state;
    this.#attributes = attributes;
    this.#published = published ? state : undefined;
  }

  get now(): number {
    return Date.now();
  }

  get view(): ConnectionView {
    return viewOf(this.state);
  }

  get run(): Run {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return {
      startedAt: this.#startedAt,
      jitter: this.#jitter,
      cycles: this.cycles,
      historyEvents: historyLength,
      suggested: continueAsNewSuggested,
    };
  }

  change(event: ConnectionEvent): void {
    this.state = apply(this.state, event, iso(this.now));
  }

  /**
   * Puts an operation on the queue that the main loop serves, one at a time, and answers what it answers. Handlers
   * never act themselves: two of them would be two operations.
   */
  enqueue<T>(serve: () => Promise<T> | T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#queue.push(async () => {
        try {
          resolve(await serve());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  async serveQueue(): Promise<void> {
    for (let serve = this.#queue.shift(); serve; serve = this.#queue.shift()) {
      await serve();
      await this.announce();
    }
  }

  /** True once nothing is queued and no caller still waits. Serving goes on until then: waiting without serving deadlocks. */
  async drained(): Promise<boolean> {
    await condition(() => this.#queue.length > 0 || allHandlersFinished());
    return this.#queue.length === 0 && allHandlersFinished();
  }

  /** Sleeps until a message comes or the wake is due. */
  async waitFor(wake: Wake): Promise<void> {
    const milliseconds = wake.at - this.now;
    if (this.#queue.length > 0 || milliseconds <= 0) return;
    await condition(() => this.#queue.length > 0, milliseconds, { summary: wake.summary });
  }

  /** Keeps exactly the wanted long operation running: what the state no longer asks for is cancelled and awaited. */
  async keepRunning(
    wanted: { key: string; run: () => Promise<() => void | Promise<void>> } | undefined,
  ): Promise<void> {
    if (this.#background && !this.#background.settled && this.#background.key === wanted?.key) return;
    await this.stopBackground();
    if (!wanted) return;
    const background: Background = { key: wanted.key, scope: new CancellationScope(), settled: false };
    this.#background = background;
    void background.scope.run(wanted.run).then(
      (settle) => {
        background.settled = true;
        return this.enqueue(settle);
      },
      (error: unknown) => {
        background.settled = true;
        // Cancelled because the state moved on, or the run ends: the next one is started from the state.
        if (!background.scope.consideredCancelled) throw error;
      },
    );
  }

  async stopBackground(): Promise<void> {
    const background = this.#background;
    if (!background) return;
    if (!background.settled) {
      background.scope.cancel();
      await condition(() => background.settled);
    }
    this.#background = undefined;
  }

  /** Tells visibility, the Temporal UI and the readers of views what changed; search attributes only when they did. */
  async announce(): Promise<void> {
    setCurrentDetails(currentDetails(this.state));
    const before = this.#published;
    if (before && (saysTheSame(before, this.state) || isPassing(this.state))) return;
    this.#published = this.state;
    const { pairs, next } = changedAttributes(this.#attributes, this.state);
    this.#attributes = next;
    if (pairs.length > 0) upsertSearchAttributes(pairs);
    upsertMemo({ view: this.view });
    const news = this.state.timeline.filter((entry) => !before?.timeline.includes(entry));
    await publish(this.view, news);
  }
}

const saysTheSame = (one: ConnectionState, other: ConnectionState): boolean =>
  one.timeline === other.timeline && one.phase === other.phase && one.tags === other.tags && one.name === other.name;

/** Between proven and active lies one write: nobody needs to be told of what is over before they can read it. */
const isPassing = ({ phase }: ConnectionState): boolean =>
  phase.status === 'verifying' && phase.grant.step === 'promotion' && phase.grant.attemptsBefore === 0;

/** Best effort: what is published can be asked of the workflow itself, and the next change publishes it again. */
async function publish(view: ConnectionView, events: readonly TimelineEntry[]): Promise<void> {
  try {
    await local.publishView({ view, events });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
  }
}
