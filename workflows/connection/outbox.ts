import { CancellationScope, isCancellation, patched } from '@temporalio/workflow';
import type { News, Told, WithEvents } from '../../contracts/activities.ts';
import type { TimelineEntry } from '../../contracts/connection.ts';
import type { WebhookEvent } from '../../contracts/webhooks.ts';
import { untilTold, withinAMinute } from './activities.ts';
import { ignoreActivityFailure } from './failures.ts';
import type { ConnectionEvent, ConnectionState } from './phases.ts';
import { viewOf } from './view.ts';

interface Source {
  readonly state: ConnectionState;
  change(event: ConnectionEvent): void;
}

/** What one run has still to tell: entries of the timeline to subscribers, and events to endpoints of webhooks. */
export class Outbox {
  readonly #source: Source;
  #published: readonly TimelineEntry[];
  readonly #publishing = new Set<{ readonly scope: CancellationScope; readonly events: readonly WebhookEvent[] }>();
  #isLeftOver: boolean;

  /** `published`: entries that subscribers have. `isContinued`: the run before may have left events to be told. */
  constructor(source: Source, published: readonly TimelineEntry[], isContinued: boolean) {
    this.#source = source;
    this.#published = published;
    this.#isLeftOver = isContinued && source.state.events.untold.length > 0;
  }

  get isPublishing(): boolean {
    return this.#publishing.size > 0;
  }

  /** Entries that have been published elsewhere. */
  countAsPublished(entries: readonly TimelineEntry[]): void {
    this.#published = [...this.#published, ...entries];
  }

  /** The entries that are not published yet, for an activity that publishes them before it begins. */
  takeNews(): News | null {
    const { state } = this.#source;
    const entries = this.#unpublished;
    this.#published = state.timeline;
    if (entries.length === 0) return null;
    const { status, problem, warnings } = viewOf(state);
    return { status, problem, warnings, entries };
  }

  /**
   * For an activity that tells endpoints too; what it answers goes to {@link settle}. Events that another one under way
   * was given are among them: it may be cancelled before it has told them, and telling them twice does no harm.
   */
  take(): Required<WithEvents> {
    this.#isLeftOver = false;
    return { news: this.takeNews(), events: this.#source.state.events.untold };
  }

  /** Without an answer that they are told, the events stay for the next activity. */
  settle(events: readonly WebhookEvent[], answer: Told | undefined): void {
    if (answer?.told && events.length > 0) this.#source.change({ type: 'told', ids: events.map(({ id }) => id) });
  }

  /**
   * Publishes the entries, and tells the events, that no other activity carries. `mayWait`: for as long as endpoints
   * cannot be told; else for a minute.
   */
  publish(mayWait: boolean): void {
    if (!this.#isDue) return;
    const { news, events } = this.take();
    const publishing = { scope: new CancellationScope(), events };
    this.#publishing.add(publishing);
    const { publishNews } = events.length > 0 ? untilTold(mayWait) : withinAMinute;
    const names = news?.entries.map(({ event }) => event) ?? events.map(({ type }) => type);
    const input = { connection: this.#source.state.ref, news, events };
    void publishing.scope
      .run(() => publishNews.executeWithOptions({ summary: `Publish: ${names.join(', ')}` }, [input]))
      .then(
        (answer: Told | undefined) => this.settle(events, answer),
        (error: unknown) => {
          if (!isCancellation(error)) ignoreActivityFailure(error);
        },
      )
      .finally(() => this.#publishing.delete(publishing));
  }

  /** The run is over, and must not wait for endpoints: the next one tells what is left. */
  stop(): void {
    const telling = [...this.#publishing].filter(({ events }) => events.length > 0);
    if (telling.length === 0 || !patched('stop-telling')) return;
    for (const { scope } of telling) scope.cancel();
  }

  get #unpublished(): readonly TimelineEntry[] {
    return this.#source.state.timeline.filter((entry) => !this.#published.includes(entry));
  }

  /**
   * Each event comes with an entry of the timeline, but for the first, which the API tells: that one is repeated with
   * what comes next.
   */
  get #isDue(): boolean {
    return this.#isLeftOver || this.#unpublished.length > 0;
  }
}
