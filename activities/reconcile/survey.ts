import type { ReconcileCounts } from '../../workflows/contracts/reconcile.ts';
import type { ConnectionDirectory } from './ports.ts';

type Tally = { -readonly [K in keyof Omit<ReconcileCounts, 'at'>]: number };

/** Counts connections that run, by what is wrong with them. */
export class Survey {
  readonly #tally: Tally = { running: 0, late: 0, paused: 0, stuck: 0, stopped: 0 };
  readonly #directory: ConnectionDirectory;

  constructor(directory: ConnectionDirectory) {
    this.#directory = directory;
  }

  /** Rejects where Temporal does not answer. */
  async add(id: string): Promise<void> {
    const sighting = await this.#directory.sight(id);
    // It has ended since it was listed: that is for the next run to look at.
    if (sighting.state !== 'running') return;
    const { late, paused, stuck, status } = sighting.health;
    this.#tally.running += 1;
    if (late) this.#tally.late += 1;
    if (paused) this.#tally.paused += 1;
    if (stuck) this.#tally.stuck += 1;
    if (status === 'stopped') this.#tally.stopped += 1;
  }

  get counts(): Readonly<Tally> {
    return { ...this.#tally };
  }
}
