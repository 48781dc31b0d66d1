import type { Workflows } from '../contracts/workflows.ts';
import { batch } from './batches/workflow.ts';
import { bulk } from './bulk/workflow.ts';
import { connection } from './connection/workflow.ts';
import { discarding } from './discarding.ts';
import { discovery } from './discovery/workflow.ts';
import { reconcile } from './reconcile.ts';
import { sweeping } from './sweeping.ts';
import { validation } from './validation.ts';
import { webhookDelivery } from './webhooks/delivery.ts';
import { webhookReplay } from './webhooks/replay.ts';

/** Every workflow that a Mooring worker runs; the bundle's entry point. */
export {
  batch,
  bulk,
  connection,
  discarding,
  discovery,
  reconcile,
  sweeping,
  validation,
  webhookDelivery,
  webhookReplay,
};

type Conforming<T extends Workflows> = T;

/** Does not compile where a workflow of the contract is missing, or takes or returns something else. */
export type AllWorkflows = Conforming<{
  batch: typeof batch;
  bulk: typeof bulk;
  connection: typeof connection;
  discarding: typeof discarding;
  discovery: typeof discovery;
  reconcile: typeof reconcile;
  sweeping: typeof sweeping;
  validation: typeof validation;
  webhookDelivery: typeof webhookDelivery;
  webhookReplay: typeof webhookReplay;
}>;
