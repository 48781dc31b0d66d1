import { Connection } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { createPayloadCodec } from '../../../platform/temporal/payload-codec.ts';
import type { Trace, World } from '../support/world.ts';

const { History, HistoryEvent } = proto.temporal.api.history.v1;
const { DescribeWorkflowExecutionResponse } = proto.temporal.api.workflowservice.v1;
const { EventType } = proto.temporal.api.enums.v1;

/** With payloads readable, the code arrives in the callback's signal and goes on to the activity that redeems it. */
const CARRY_THE_CODE = new Set([
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
]);

export interface TemporalTraces {
  /** As Temporal stores it: each event of each run; memo, search attributes and all else that a description has. */
  readonly stored: Trace[];
  /** The same, with every payload opened by the key ring. */
  readonly opened: Trace[];
  readonly workflows: ReadonlySet<string>;
}

/** Everything that a namespace holds. */
export async function temporalTraces({ temporal, keyRing }: World): Promise<TemporalTraces> {
  const { address, namespace } = temporal;
  const codec = createPayloadCodec(keyRing);
  const connection = await Connection.connect({ address });
  const { workflowService } = connection;
  const traces = { stored: [] as Trace[], opened: [] as Trace[], workflows: new Set<string>() };
  try {
    const { executions } = await workflowService.listWorkflowExecutions({ namespace, pageSize: 1000 });
    for (const { execution } of executions) {
      const name = `${execution?.workflowId}`;
      traces.workflows.add(name);
      const described = await workflowService.describeWorkflowExecution({ namespace, execution: execution ?? null });
      const description = Buffer.from(DescribeWorkflowExecutionResponse.encode(described).finish());
      traces.stored.push({ place: `description of ${name}`, bytes: description });
      traces.opened.push({ place: `description of ${name}`, bytes: await open(described) });
      let nextPageToken: Uint8Array = new Uint8Array();
      do {
        const page = await workflowService.getWorkflowExecutionHistory({
          namespace,
          execution: execution ?? null,
          nextPageToken,
        });
        for (const event of History.fromObject(page.history ?? {}).events) {
          const place = `history of ${name}, event ${String(event.eventId)} (${EventType[event.eventType ?? 0]})`;
          const may = CARRY_THE_CODE.has(event.eventType ?? 0) ? ['code'] : [];
          traces.stored.push({ place, bytes: Buffer.from(HistoryEvent.encode(event).finish()) });
          traces.opened.push({ place, bytes: await open(event), may });
        }
        ({ nextPageToken } = page);
      } while (nextPageToken.length > 0);
    }
    return traces;
  } finally {
    await connection.close();
  }

  async function open(message: unknown): Promise<Buffer> {
    const payloads = await codec.decode(payloadsIn(message));
    return Buffer.concat(payloads.map(({ data }) => Buffer.from(data ?? [])));
  }
}

/** Payloads are told by their shape, wherever a message has them: a field that is added later is found too. */
function payloadsIn(value: unknown): Payload[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  if ('data' in value && 'metadata' in value && value.data instanceof Uint8Array) return [value as Payload];
  return Object.values(value).flatMap(payloadsIn);
}
