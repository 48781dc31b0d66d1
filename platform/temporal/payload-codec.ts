import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { METADATA_ENCODING_KEY } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { KeyRing } from '../key-ring.ts';

// CommonJS, built in a way that hides its names from an ES module's loader.
const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

const ENCODING = 'binary/encrypted';
const KEY_ID = 'mooring-key-id';
const CONTEXT = 'mooring-context';
const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

/** A payload was sealed for another workflow than the one that is handed it. */
class PayloadContextError extends Error {
  override readonly name = 'PayloadContextError';
}

/**
 * AES-256-GCM over every payload. What binds a payload to its workflow travels in clear metadata, authenticated as
 * additional data: a codec server is told no workflow id, so it takes the context from the payload; where the SDK
 * does give one, the two must be equal, so that a payload can't be moved from one workflow's history to another's.
 */
export function createPayloadCodec(keyRing: KeyRing): PayloadCodec {
  return {
    async encode(payloads, context) {
      return payloads.map((payload) => {
        const bound = describe(context);
        const plaintext = PayloadMessage.encode(payload).finish();
        const { keyId, bytes } = keyRing.sealBytes('payload', plaintext, bound);
        return {
          metadata: {
            [METADATA_ENCODING_KEY]: Buffer.from(ENCODING),
            [KEY_ID]: Buffer.from(keyId),
            [CONTEXT]: Buffer.from(bound),
          },
          data: bytes,
        };
      });
    },
    async decode(payloads, context) {
      return payloads.map((payload) => (isSealed(payload) ? open(keyRing, payload, context) : payload));
    },
  };
}

const isSealed = (payload: Payload): boolean => text(payload.metadata?.[METADATA_ENCODING_KEY]) === ENCODING;

function open(keyRing: KeyRing, payload: Payload, context: SerializationContext | undefined): Payload {
  const bound = text(payload.metadata?.[CONTEXT]);
  const expected = describe(context);
  if (expected !== '' && bound !== '' && expected !== bound) {
    throw new PayloadContextError('A payload was sealed for another workflow: history was tampered with, or mixed up.');
  }
  const bytes = keyRing.openBytes('payload', text(payload.metadata?.[KEY_ID]), payload.data ?? new Uint8Array(), bound);
  return PayloadMessage.decode(bytes);
}

/** Activities of a workflow share its context: their payloads pass through the workflow's own converter as well. */
function describe(context: SerializationContext | undefined): string {
  return context?.workflowId === undefined ? '' : `${context.namespace}/${context.workflowId}`;
}
