import type { KeyRing } from '../../platform/key-ring.ts';

/** Crockford's base32: no I, L, O or U, which people take for 1, 1, 0 or V. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHARACTERS = 10;
const HALF = CHARACTERS / 2;

/**
 * The passcode of one invitation: 50 bits as `XXXXX-XXXXX`. It is derived and stored nowhere, so that a repeated request
 * gets the same one. Under a new current key it is another one, and so is the link that is answered with it.
 */
export function generatedPasscode(keyRing: KeyRing, connection: string, epoch: number): string {
  const digest = BigInt(`0x${keyRing.digest('invitation', `passcode|${connection}|${epoch}`)}`);
  const digits = Array.from({ length: CHARACTERS }, (_none, index) => Number((digest >> BigInt(5 * index)) & 31n));
  return inHalves(digits.map((digit) => ALPHABET[digit]).join(''));
}

/** What was typed, in the form of a generated passcode: people write it in small letters, and O for 0. */
export function asGenerated(typed: string): string {
  const characters = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return inHalves(characters);
}

const inHalves = (characters: string): string => `${characters.slice(0, HALF)}-${characters.slice(HALF)}`;

/** A passcode of the caller's own needs this many different characters. */
const DIFFERENT = 4;

/** Not one character again and again, and no sequence such as 12345678 or abcd1234. */
export function isVaried(passcode: string): boolean {
  const characters = Array.from(passcode.toLowerCase());
  if (new Set(characters).size < DIFFERENT) return false;
  const jumps = characters.filter((character, index) => {
    const before = characters[index - 1];
    return before !== undefined && Math.abs(codeOf(character) - codeOf(before)) > 1;
  });
  return jumps.length > 1;
}

const codeOf = (character: string): number => character.codePointAt(0) ?? 0;
