import { describe, expect, it, test } from 'vitest';
import { asGenerated, generatedPasscode, isVaried } from '../../../api/sign-in/passcode.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { keyRing } from './support.ts';

const made = (epoch: number, ring = keyRing) => generatedPasscode(ring, 'con_a', epoch);

describe('a generated passcode', () => {
  const passcodes = Array.from({ length: 500 }, (_none, epoch) => made(epoch));

  it('a generated passcode has ten characters, none of which is easily taken for another', () => {
    for (const passcode of passcodes) expect(passcode).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
    expect(new Set(passcodes.join('').replaceAll('-', '')).size).toBe(32);
  });

  it('a generated passcode is the same for the same invitation, and another for every other one', () => {
    expect(made(1)).toBe(made(1));
    expect(new Set(passcodes).size).toBe(passcodes.length);
    expect(generatedPasscode(keyRing, 'con_b', 1)).not.toBe(made(1));
    expect(made(1, KeyRing.parse(KeyRing.generate('k1')))).not.toBe(made(1));
  });

  it('a generated passcode is strong enough for the rule that passcodes of callers have to keep', () => {
    expect(passcodes.filter((passcode) => !isVaried(passcode))).toEqual([]);
  });

  it.each(['7K3M9-QX201', '7k3m9-qx201', ' 7K3M9QX201 ', '7k3m9 qx2o1', '7k3m9-qx2OI', '7k3m9-qx2ol'])(
    'a generated passcode is recognised where it was typed as "%s"',
    (typed) => {
      expect(asGenerated(typed)).toBe('7K3M9-QX201');
    },
  );
});

describe('a passcode of the caller', () => {
  test.each([
    '11111111',
    'aaaaaaaaaaaa',
    'abababab',
    'a7a7a7a7',
    '12341234',
    '12345678',
    '87654321',
    'abcdefgh',
    '1234abcd',
    'ABCDabcd',
  ])('a passcode is too easy to guess: %s', (passcode) => expect(isVaried(passcode)).toBe(false));

  test.each(['tulip-42', '31415926', 'correcthorse', 'Xy7!Xy7!q', 'été-à-Nîmes'])(
    'a passcode is varied enough: %s',
    (passcode) => expect(isVaried(passcode)).toBe(true),
  );
});
