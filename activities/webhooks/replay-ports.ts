import type { DeliveryInput, DeliveryView } from '../../contracts/webhooks.ts';

/** A delivery that exists, as its newest run has it. */
export interface FoundDelivery {
  readonly view: DeliveryView;
  readonly isRunning: boolean;
  /** ISO 8601, by Temporal's clock: when it was started, or started again. */
  readonly startedAt: string;
}

export interface DeliveryFilter {
  readonly tenant: string;
  readonly endpoint: string;
  /** False: also others. */
  readonly failedOnly: boolean;
  /** ISO 8601: started since then, */
  readonly since: string;
  /** and before then. */
  readonly before: string;
}

/** Deliveries, through Temporal. Every call ends within a deadline of its own. */
export interface ReplayedDeliveries {
  /** About how many there are. */
  count(filter: DeliveryFilter): Promise<number>;
  /** Ids of deliveries, newest first; one may be listed more than once. */
  page(
    filter: DeliveryFilter,
    token: string | null,
    size: number,
  ): Promise<{ readonly ids: readonly string[]; readonly next: string | null }>;
  /** Undefined where there is none, or it can't be read. */
  find(id: string): Promise<FoundDelivery | undefined>;
  /** Starts it, also where it has ended before. No error where it runs. */
  startAgain(input: DeliveryInput): Promise<void>;
}
