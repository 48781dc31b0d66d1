import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { replayScopes, replayStatuses, type ReplayView } from '../../contracts/webhook-replays.ts';
import { deliveryStatuses, type DeliveryView } from '../../contracts/webhooks.ts';
import type { Execution } from '../temporal/execution.ts';

/** The workflow or this process wrote them from the type; only what is used here is checked. */
const deliveryShape = Compile(
  Type.Object({
    id: Type.String(),
    endpoint: Type.String(),
    event: Type.Object({ id: Type.String(), type: Type.String(), timestamp: Type.String(), data: Type.Object({}) }),
    status: Type.Enum([...deliveryStatuses]),
    attempts: Type.Array(Type.Object({ at: Type.String(), durationMs: Type.Number() })),
    createdAt: Type.String(),
  }),
);
const replayShape = Compile(
  Type.Object({
    id: Type.String(),
    endpoint: Type.String(),
    scope: Type.Enum([...replayScopes]),
    since: Type.String(),
    status: Type.Enum([...replayStatuses]),
    replayed: Type.Integer(),
    createdAt: Type.String(),
  }),
);

/** A delivery as its memo has it, or as it ended. Undefined for what is not one of the endpoint's. */
export function asDelivery(value: unknown, endpoint: string, { state }: Execution): DeliveryView | undefined {
  if (!deliveryShape.Check(value) || value.endpoint !== endpoint) return undefined;
  const view = value as unknown as DeliveryView;
  // A workflow that was ended from outside could not say so.
  return state === 'stopped' && view.status === 'pending' ? { ...view, status: 'failed', nextAttemptAt: null } : view;
}

export function asReplay(value: unknown, endpoint: string, { state }: Execution): ReplayView | undefined {
  if (!replayShape.Check(value) || value.endpoint !== endpoint) return undefined;
  const view = value as unknown as ReplayView;
  return state === 'stopped' ? { ...view, status: 'stopped' } : view;
}
