import type { Trace } from '../support/world.ts';

export interface KnownSecret {
  /** E.g. `refreshToken`. */
  readonly kind: string;
  readonly value: string;
}

export interface Leak {
  readonly kind: string;
  readonly encoding: string;
  readonly place: string;
}

/** Every trace that holds a secret, in any encoding that it would still be readable in. */
export function findLeaks(traces: readonly Trace[], secrets: readonly KnownSecret[]): Leak[] {
  const needles = secrets.flatMap(({ kind, value }) =>
    encodingsOf(value).map(({ encoding, text }) => ({ kind, encoding, bytes: Buffer.from(text) })),
  );
  return traces.flatMap(({ place, bytes, may = [] }) =>
    needles
      .filter((needle) => !may.includes(needle.kind) && bytes.includes(needle.bytes))
      .map(({ kind, encoding }) => ({ kind, encoding, place })),
  );
}

export function encodingsOf(value: string): { readonly encoding: string; readonly text: string }[] {
  const bytes = Buffer.from(value);
  const hex = bytes.toString('hex');
  return [
    { encoding: 'clear', text: value },
    { encoding: 'url', text: encodeURIComponent(value) },
    { encoding: 'hex', text: hex },
    { encoding: 'hex', text: hex.toUpperCase() },
    ...base64At(bytes).map((text) => ({ encoding: 'base64', text })),
    ...base64At(bytes).map((text) => ({ encoding: 'base64url', text: text.replaceAll('+', '-').replaceAll('/', '_') })),
  ];
}

/**
 * What stays the same of a value in base64 wherever it stands within what was encoded: three bytes are four characters,
 * so there are three ways to fall; the characters that share bits with a neighbour are left out.
 */
function base64At(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const whole = Math.floor(((offset + bytes.length) * 8) / 6);
    return encoded.slice(Math.ceil((offset * 8) / 6), whole);
  });
}
