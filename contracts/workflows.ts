import type { ProofInput } from './activities.ts';
import type { BatchInput, BatchView } from './batches.ts';
import type { BulkInput, BulkView } from './bulk.ts';
import type { ConnectionRef, RevocationOutcome, Tombstone } from './connection.ts';
import type { DiscoveryInput } from './discovery.ts';
import type { ConnectionInput } from './messages.ts';
import type { ReconcileReport } from './reconcile.ts';
import type { Restart } from './restart.ts';
import type { ValidationInput, ValidationOutcome } from './validation.ts';
import type { ReplayInput, ReplayView } from './webhook-replays.ts';
import type { DeliveryInput, DeliveryView } from './webhooks.ts';

/** Every workflow that is started from outside: its arguments and its result. Starting one is checked against this. */
export interface Workflows {
  connection(input: ConnectionInput, restart?: Restart): Promise<Tombstone | null>;
  batch(input: BatchInput): Promise<BatchView>;
  bulk(input: BulkInput): Promise<BulkView>;
  discovery(input: DiscoveryInput): Promise<void>;
  discarding(input: ProofInput): Promise<void>;
  sweeping(input: { readonly connection: ConnectionRef }): Promise<RevocationOutcome>;
  reconcile(): Promise<ReconcileReport>;
  validation(input: ValidationInput): Promise<ValidationOutcome>;
  webhookDelivery(input: DeliveryInput): Promise<DeliveryView>;
  webhookReplay(input: ReplayInput): Promise<ReplayView>;
}
export type WorkflowName = keyof Workflows;
