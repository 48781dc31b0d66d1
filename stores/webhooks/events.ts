import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { WebhookEvent } from '../../contracts/webhooks.ts';
import type { Json } from '../../platform/json.ts';
import { ephemeralKeys } from '../ephemeral/keys.ts';
import type { EphemeralStore } from '../ephemeral/port.ts';

/** What an event is checked for; a newer build may have written more. */
const shape = Compile(
  Type.Object({ id: Type.String(), type: Type.String(), timestamp: Type.String(), data: Type.Object({}) }),
);

const PAGE = 500;

export interface KeptEvent {
  /** Of the entry: a reader's cursor. */
  readonly cursor: string;
  readonly event: WebhookEvent;
}

/** The events of a tenant that are kept, oldest first, after a cursor. Rejects as the ephemeral store does. */
export async function* readEvents(
  ephemeral: Pick<EphemeralStore, 'readStream'>,
  tenant: string,
  after: string | null = null,
): AsyncGenerator<KeptEvent> {
  let cursor = after;
  for (;;) {
    const entries = await ephemeral.readStream(ephemeralKeys.webhookEvents(tenant), cursor, PAGE);
    for (const { id, value } of entries) {
      const event = eventIn(value);
      if (event) yield { cursor: id, event };
    }
    const last = entries.at(-1);
    if (!last || entries.length < PAGE) return;
    cursor = last.id;
  }
}

function eventIn(value: Json): WebhookEvent | undefined {
  return shape.Check(value) ? (value as unknown as WebhookEvent) : undefined;
}
