import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { defaultPayloadConverter, METADATA_ENCODING_KEY } from '@temporalio/common';
import proto from '@temporalio/proto';
import { REFUSED_PAYLOAD, refusals, type RefusedPayload } from '../../contracts/refused-payload.ts';
import { KeyRingError, type KeyRing } from '../key-ring.ts';

// A CommonJS module whose names an ES module cannot import one by one.
const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

const ENCODING = 'binary/encrypted';
/** Readable in a payload's metadata: the id of the key that opens it. `npm run key -- status` counts by it. */
export const KEY_ID = 'mooring-key-id';
const CONTEXT = 'mooring-context';
const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

/** A payload is refused because it is not sealed, sealed for another workflow, or was changed. */
export class RefusedPayloadError extends Error {
  override readonly name = 'RefusedPayloadError';
}

/** True if a value could not be decoded: it was refused, or its key is missing. The reader cannot repair it. */
export const isUndecodable = (error: unknown): boolean =>
  error instanceof RefusedPayloadError || (error instanceof KeyRingError && error.code !== 'invalid');

export interface CodecOptions {
  /** Refuse payloads that are not sealed. For production, where everything that Mooring writes is sealed. */
  readonly requireSealed?: boolean;
  /**
   * What happens to a payload that is refused. `replace` (default) puts {@link RefusedPayload} in its place, for a
   * worker, where decoding must not throw. `throw` is for a client, which would take the replacement for an answer.
   */
  readonly refused?: 'replace' | 'throw';
  /**
   * Says whether a process of Mooring ever had a key with this id (`createKeyLookup` of stores/key-check.ts). With it,
   * a payload under a made-up key id is refused; without it, every unknown id counts as a key that is missing here, and
   * throws.
   */
  readonly isKnownKey?: (keyId: string) => Promise<boolean>;
}

/**
 * AES-256-GCM over every payload. The context that binds a payload to its workflow is in the metadata, in clear, and
 * authenticated as additional data: a codec server gets no workflow id, so it takes the context from the payload. Where
 * the SDK gives a context, the two must be equal, so that a payload cannot be moved from one workflow to another.
 *
 * A payload whose key is missing in this ring throws {@link KeyRingError}: that is a mistake of configuration, and the
 * workflow goes on once the key is added. Everything else that does not open will never open, and is refused.
 */
export function createPayloadCodec(keyRing: KeyRing, options: CodecOptions = {}): PayloadCodec {
  const { requireSealed = false, refused = 'replace', isKnownKey } = options;

  const refuse = (reason: string): Payload => {
    if (refused === 'throw') throw new RefusedPayloadError(reason);
    return defaultPayloadConverter.toPayload({ [REFUSED_PAYLOAD]: reason } satisfies RefusedPayload);
  };

  const decodeOne = async (payload: Payload, context: SerializationContext | undefined): Promise<Payload> => {
    if (!isSealed(payload)) return requireSealed ? refuse(refusals.unsealed) : payload;
    const bound = text(payload.metadata?.[CONTEXT]);
    if (!isBoundTo(bound, describe(context))) return refuse(refusals.foreign);
    const keyId = text(payload.metadata?.[KEY_ID]);
    try {
      return PayloadMessage.decode(keyRing.openBytes('payload', keyId, payload.data ?? new Uint8Array(), bound));
    } catch (error) {
      if (!(error instanceof KeyRingError)) throw error;
      if (error.code === 'unopenable') return refuse(refusals.changed);
      if (isKnownKey && !(await isKnownKey(keyId))) return refuse(refusals.unknownKey);
      throw error;
    }
  };

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
      return await Promise.all(payloads.map(async (payload) => await decodeOne(payload, context)));
    },
  };
}

const isSealed = (payload: Payload): boolean => text(payload.metadata?.[METADATA_ENCODING_KEY]) === ENCODING;

/** A schedule appends this to the workflow id of its action; the payloads were sealed under the id without it. */
const SCHEDULED = /^-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** A codec server has no context to compare, and payloads that it encodes for the CLI carry none. */
function isBoundTo(bound: string, expected: string): boolean {
  if (expected === '' || bound === '' || expected === bound) return true;
  return expected.startsWith(bound) && SCHEDULED.test(expected.slice(bound.length));
}

/** Activities of a workflow share its context: their payloads pass through the workflow's own converter as well. */
function describe(context: SerializationContext | undefined): string {
  return context?.workflowId === undefined ? '' : `${context.namespace}/${context.workflowId}`;
}
