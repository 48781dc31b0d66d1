import { describe, expect, it } from 'vitest';
import { KeyRing } from '../../../../platform/key-ring.ts';
import {
  lineHash,
  makeLine,
  headOf,
  type AuditEntry,
  type AuditLine,
  type ChainHead,
} from '../../../../stores/audit/line.ts';
import { createVerifier } from '../../../../stores/audit/verify.ts';
import { CHAIN, entry, keyRing } from './world.ts';

const [oldKey, newKey] = [KeyRing.generate('old'), KeyRing.generate('new')];

/** A chain of these entries, each signed by its ring. */
function chainOf(entries: readonly AuditEntry[], ringOf: (index: number) => KeyRing = () => keyRing): AuditLine[] {
  let head: ChainHead | null = null;
  return entries.map((each, index) => {
    const line: AuditLine = makeLine(ringOf(index), CHAIN, head, each, index);
    head = headOf(line);
    return line;
  });
}

const five = chainOf(['a', 'b', 'c', 'd', 'e'].map((action) => entry({ action })));

function verdictOn(lines: readonly AuditLine[], ring: KeyRing | undefined = keyRing) {
  const verifier = createVerifier(ring);
  for (const line of lines) verifier.add(JSON.stringify(line));
  return verifier.end();
}

/** Line `seq` with other fields, and the hash that fits them. */
function changed(seq: number, fields: Partial<AuditLine>): AuditLine[] {
  return five.map((line) => {
    if (line.seq !== seq) return line;
    const other = { ...line, ...fields };
    return { ...other, hash: lineHash(other) };
  });
}

describe('the verification of an audit record', () => {
  it('a whole record is whole, from its first line to its last', () => {
    expect(verdictOn(five)).toMatchObject({ ok: true, checked: 5, from: { seq: 1 }, to: { seq: 5 }, brokenAt: null });
    expect(verdictOn([])).toEqual({ ok: true, from: null, to: null, checked: 0, brokenAt: null });
  });

  it('a record whose oldest lines were dropped is whole from the first line that is kept', () => {
    expect(verdictOn(five.slice(2))).toMatchObject({ ok: true, checked: 3, from: { seq: 3 } });
  });

  it('a line that was removed shows at its number', () => {
    expect(verdictOn(five.filter(({ seq }) => seq !== 3))).toMatchObject({ ok: false, brokenAt: { seq: 3 } });
  });

  it('lines that were exchanged show', () => {
    const [a, b, c, d, e] = five as [AuditLine, AuditLine, AuditLine, AuditLine, AuditLine];
    expect(verdictOn([a, c, b, d, e])).toMatchObject({ ok: false, brokenAt: { seq: 2 } });
  });

  it('a line that is there twice shows', () => {
    const [a, b, ...others] = five as [AuditLine, AuditLine, ...AuditLine[]];
    expect(verdictOn([a, b, b, ...others])).toMatchObject({ ok: false, brokenAt: { seq: 3 } });
  });

  it.each(['address', 'action', 'outcome', 'at', 'count', 'actor'] as const)('a changed %s shows', (field) => {
    const other = {
      address: '203.0.113.9',
      action: 'pause',
      outcome: 'failed',
      at: '',
      count: 9,
      actor: null,
    } as const;
    const lines = five.map((line) => (line.seq === 3 ? { ...line, [field]: other[field] } : line));
    expect(verdictOn(lines)).toMatchObject({ ok: false, brokenAt: { seq: 3 } });
  });

  it('a changed line shows also where its hash was made to fit', () => {
    expect(verdictOn(changed(3, { address: '203.0.113.9' }))).toMatchObject({ ok: false, brokenAt: { seq: 3 } });
  });

  it('a changed last line with a hash that fits shows by its signature, which needs a key of the installation', () => {
    const forged = changed(5, { address: '203.0.113.9' });
    expect(verdictOn(forged)).toMatchObject({ ok: false, brokenAt: { seq: 5 } });
    const stranger = KeyRing.parse(KeyRing.generate('k1'));
    expect(verdictOn(chainOf([entry()], () => stranger))).toMatchObject({ ok: false, brokenAt: { seq: 1 } });
  });

  it('a line of another chain shows', () => {
    expect(verdictOn(changed(3, { chain: 'tenant/globex' }))).toMatchObject({ ok: false, brokenAt: { seq: 3 } });
  });

  it('what is no line shows', () => {
    const verifier = createVerifier(keyRing);
    expect(verifier.add(JSON.stringify(five[0]))).toBe(true);
    expect(verifier.add('{"seq":2}')).toBe(false);
    expect(verifier.end()).toMatchObject({ ok: false, brokenAt: { seq: 2 } });
  });

  it('lines that should follow the last one show as cut off', () => {
    const verifier = createVerifier(keyRing);
    for (const line of five.slice(0, 3)) verifier.add(JSON.stringify(line));
    expect(verifier.end({ seq: 5, hash: five[4]?.hash ?? '' })).toMatchObject({ ok: false, brokenAt: { seq: 4 } });
  });

  it('lines of a key that the ring no longer has are vouched for by later lines, and by nothing else', () => {
    const rings = [KeyRing.parse(oldKey), KeyRing.parse(newKey)] as const;
    const lines = chainOf([entry(), entry(), entry()], (index) => rings[index === 1 ? 1 : 0]);
    expect(verdictOn(lines.slice(0, 2), rings[1])).toMatchObject({ ok: true, checked: 2 });
    expect(verdictOn(lines, rings[1])).toMatchObject({ ok: false, brokenAt: { seq: 3 } });
    expect(verdictOn(lines, KeyRing.parse(newKey, oldKey))).toMatchObject({ ok: true, checked: 3 });
  });

  it('without a key ring, the hashes alone are checked', () => {
    const verifier = createVerifier(undefined);
    for (const line of five) verifier.add(JSON.stringify(line));
    expect(verifier.end()).toMatchObject({ ok: true, checked: 5 });
  });
});
