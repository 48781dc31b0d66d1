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
  it('a 404 violates an invariant once the connection was accepted', () => {
    observeConnection(findings, entry, { status: 404, body: undefined, sentAtMs: at(-1) });
    expect(violated()).toEqual([]);
    observeConnection(findings, entry, { status: 404, body: undefined, sentAtMs: at(1) });
    expect(violated()).toEqual(['kept']);
  });

  it('a connection shown as disconnected violates an invariant where no disconnection was requested', () => {
    observeConnection(findings, entry, connection('disconnected'));
    expect(violated()).toEqual(['kept']);
  });

  it('a connection shown as active violates an invariant after its disconnection was accepted, and not before', () => {
    entry.disconnect = { askedAtMs: at(10), acceptedAtMs: null };
    observeConnection(findings, entry, connection('active'));
    expect(violated()).toEqual([]);
    entry.disconnect.acceptedAtMs = at(30);
    observeConnection(findings, entry, connection('active'));
    expect(violated()).toEqual(['gone']);
  });

  it('a terminated connection shown as active violates an invariant until its recovery is requested', () => {
    entry.ended.push({ how: 'terminated', atMs: at(10) });
    observeConnection(findings, entry, connection('stopped'));
    expect(violated()).toEqual([]);
    observeConnection(findings, entry, connection('active'));
    expect(violated()).toEqual(['seen']);
    entry.recoverAskedAtMs = at(20);
    observeConnection(findings, entry, connection('active'));
    expect(findings.violations()).toMatchObject([{ invariant: 'seen', times: 1 }]);
  });

  it('an older generation violates an invariant where the newer one was known before the request', () => {
    entry.generation = { value: 3, atMs: at(70) };
    observeConnection(findings, entry, connection('active', { credential: { generation: 2, expiresAt: null } }));
    expect(violated()).toEqual([]);
    entry.generation = { value: 3, atMs: at(50) };
    observeConnection(findings, entry, connection('active', { credential: { generation: 2, expiresAt: null } }));
    expect(violated()).toEqual(['written']);
  });

  it('an older generation violates no invariant where the response warns that its facts are unconfirmed', () => {
    entry.generation = { value: 3, atMs: at(50) };
    const warnings = [{ code: 'facts_unconfirmed' }];
    observeConnection(
      findings,
      entry,
      connection('active', { credential: { generation: 2, expiresAt: null }, warnings }),
    );
    expect(violated()).toEqual([]);
  });

  it('a connection may be shown as active for a while after a Cancel, which a worker has to carry out', () => {
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
    ['expired before the request', credential('2026-11-29T12:00:59Z'), ['fresh']],
    ['expired, with a warning', credential('2026-11-29T12:00:59Z', [{ code: 'provider_unavailable' }]), []],
    ['not expired', credential('2026-11-29T12:01:01Z'), []],
    ['without an expiry', credential(null), []],
  ])(
    'a served credential violates an invariant only if it expired before the request without a warning: %s, %j',
    (_, answer, expected) => {
      observeCredential(findings, entry, answer);
      expect(violated()).toEqual(expected);
      expect(findings.checks('fresh')).toBe(1);
    },
  );
});
