/** Random bytes of this number differ far more than this: 32 of them have about 30 values, and as many differences. */
const FEWEST_VALUES = 16;
const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * False for 32 bytes that a person may have typed or counted up: few different values, a series, or text. Random bytes
 * fail this in less than one of a trillion cases.
 */
export function looksRandom(bytes: Uint8Array): boolean {
  const differences = new Set(bytes.slice(1).map((byte, index) => byte - (bytes[index] ?? 0)));
  const isVaried = new Set(bytes).size >= FEWEST_VALUES && differences.size >= FEWEST_VALUES;
  return isVaried && !PRINTABLE.test(Buffer.from(bytes).toString('latin1'));
}
