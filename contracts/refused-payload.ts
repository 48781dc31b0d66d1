/**
 * Replaces a payload that was refused on decoding. Decoding must not throw inside a workflow task: the task would fail
 * for ever, and any client of Temporal could stop a connection with one signal. So the payload becomes
 * `{"mooringRefused": "<reason>"}`, which matches no message, input, memo or result, so that every parser refuses it.
 */
export const REFUSED_PAYLOAD = 'mooringRefused';

/** Why a payload was refused, as a sentence for the operator. */
export const refusals = {
  unsealed: 'The payload is not sealed: it was not sent by Mooring.',
  foreign: 'The payload was sealed for another workflow: it was moved here.',
  changed: 'The payload does not open with the key that it names: it was changed.',
  unknownKey: 'The payload names a key that no process of Mooring ever had: it was not sent by Mooring.',
} as const;

export interface RefusedPayload {
  readonly [REFUSED_PAYLOAD]: string;
}

/** True for the value that stands in for a refused payload. */
export function isRefusedPayload(value: unknown): value is RefusedPayload {
  return (
    typeof value === 'object' &&
    value !== null &&
    REFUSED_PAYLOAD in value &&
    typeof value[REFUSED_PAYLOAD] === 'string' &&
    Object.keys(value).length === 1
  );
}
