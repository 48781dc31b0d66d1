import { beforeEach, describe, expect, it } from 'vitest';
import { createLedger, type Entry } from '../../chaos/run/client/ledger.ts';
import { observeConnection, observeCredential } from '../../chaos/run/client/observe.ts';
import { createFindings, type Findings } from '../../chaos/run/invariants/findings.ts';
import { waysIn, type WayIn } from '../../support/ways.ts';

const NOW = Date.parse('2026-11-29T12:00:00Z');
const at = (seconds: number): number => NOW + seconds * 1_000;

let findings: Findings;
let entry: Entry;
beforeEach(() => {
  findings = createFindings(() => {});
  entry = createLedger().add('key', waysIn[0] as WayIn);
  entry.id = 'con_one';
  entry.acceptedAtMs = at(0);
});

const connection = (status: string, more: object = {}) => ({
  status: 200,
  sentAtMs: at(60),
  body: {
    id: 'con_one',
    status,
    statusSince: '2026-11-29T12:00:00Z',
    tags: [],
    warnings: [],
    problem: null,
    credential: null,
    tombstone: null,
    ...more,
  },
});
const violated = () => findings.violations().map(({ invariant }) => invariant);

describe('an answer about a connection', () => {
  it('of 404 violates, once the connection was accepted', () => {
    observeConnection(findings, entry, { status: 404, body: undefined, sentAtMs: at(-1) });
    expect(violated()).toEqual([]);
    observeConnection(findings, entry, { status: 404, body: undefined, sentAtMs: at(1) });
    expect(violated()).toEqual(['kept']);
  });

  it('that shows it disconnected violates where nobody asked for that', () => {
    observeConnection(findings, entry, connection('disconnected'));
    expect(violated()).toEqual(['kept']);
  });

  it('that shows it active violates after its disconnection was accepted, and not before', () => {
    entry.disconnect = { askedAtMs: at(10), acceptedAtMs: null };
    observeConnection(findings, entry, connection('active'));
    expect(violated()).toEqual([]);
    entry.disconnect.acceptedAtMs = at(30);
    observeConnection(findings, entry, connection('active'));
    expect(violated()).toEqual(['gone']);
  });

  it('that shows it active violates where an operator ended its workflow, until somebody asks for it back', () => {
    entry.ended.push({ how: 'terminated', atMs: at(10) });
    observeConnection(findings, entry, connection('stopped'));
    expect(violated()).toEqual([]);
    observeConnection(findings, entry, connection('active'));
    expect(violated()).toEqual(['seen']);
    entry.recoverAskedAtMs = at(20);
    observeConnection(findings, entry, connection('active'));
    expect(violated()).toEqual(['seen']);
  });

  it('with an older generation violates where the newer one was known before it was asked for', () => {
    entry.generation = { value: 3, atMs: at(70) };
    observeConnection(findings, entry, connection('active', { credential: { generation: 2, expiresAt: null } }));
    expect(violated()).toEqual([]);
    entry.generation = { value: 3, atMs: at(50) };
    observeConnection(findings, entry, connection('active', { credential: { generation: 2, expiresAt: null } }));
    expect(violated()).toEqual(['written']);
  });

  it('with an older generation violates nothing where it says that it may not know the newest', () => {
    entry.generation = { value: 3, atMs: at(50) };
    const warnings = [{ code: 'facts_unconfirmed' }];
    observeConnection(
      findings,
      entry,
      connection('active', { credential: { generation: 2, expiresAt: null }, warnings }),
    );
    expect(violated()).toEqual([]);
  });

  it('that shows it active a while after a Cancel violates nothing: a worker has to carry that out', () => {
    entry.ended.push({ how: 'cancelled', atMs: at(10) });
    observeConnection(findings, entry, connection('active'));
    expect(violated()).toEqual([]);
  });
});

describe('a credential that is served', () => {
  const credential = (expiresAt: string | null, warnings: readonly object[] = []) => ({
    status: 200,
    sentAtMs: at(60),
    body: { credential: { access_token: 'a' }, expiresAt, generation: 1, warnings },
  });

  it.each([
    ['expired before it was asked for', credential('2026-11-29T12:00:59Z'), ['fresh']],
    ['expired, with a warning', credential('2026-11-29T12:00:59Z', [{ code: 'provider_unavailable' }]), []],
    ['good', credential('2026-11-29T12:01:01Z'), []],
    ['without an end', credential(null), []],
  ])('and %s: %j', (_, answer, expected) => {
    observeCredential(findings, entry, answer);
    expect(violated()).toEqual(expected);
    expect(findings.checks('fresh')).toBe(1);
  });
});
