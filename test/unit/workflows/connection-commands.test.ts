import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyTally } from '../../../contracts/discovery-tally.ts';
import { faults } from '../../../workflows/connection/commands.ts';

type Kind = keyof typeof faults;
const kinds = Object.keys(faults) as Kind[];

const invitation = { lifetimeSeconds: 1_209_600, passcodeRequired: false, confirm: true };
const command = { tenant: 'acme', requestId: 'refresh:abc' };
const at = '2030-01-01T00:00:00.000Z';
const summary = { ...emptyTally, trigger: 'scheduled', startedAt: at, finishedAt: at };
const problem = { code: 'credential_rejected', message: 'Refused.', remedy: 'Sign in again.' };
const code = { kind: 'code', code: 'c', sealedVerifier: 'k1.sealed', iss: null };

/** A valid message of each kind. */
const good = {
  revokeInvitation: command,
  confirm: command,
  discover: command,
  verify: command,
  pause: command,
  resume: command,
  recover: command,
  disconnect: command,
  invite: { ...command, invitation },
  reauthorize: { ...command, invitation, allowDifferentAccount: false },
  submitCredentials: { ...command, epoch: 1, ref: 'second', deadlineSeconds: null },
  refresh: { ...command, minTtlSeconds: 600 },
  annotate: { ...command, name: null, tags: ['prod'] },
  oauthCallback: { epoch: 1, stateHash: 's', browserHash: 'b', redirectUri: 'https://m.example/cb', answer: code },
  lockInvitation: { epoch: 1 },
  discoveryDone: { since: at, outcome: 'done', summary },
  input: {
    id: 'con_aaaaaaaaaaaaaaaaaaaaaaaaaa',
    tenant: 'acme',
    provider: 'cloud',
    region: 'r',
    method: 'm',
    name: 'Acme',
    tags: [],
    invitation,
    setup: {},
    discovery: { intervalSeconds: null, concurrency: 5 },
  },
} satisfies Record<Kind, object>;

/** Values that are no message at all, sent by mistake or on purpose. */
const garbage: readonly unknown[] = [undefined, null, true, 0, NaN, '', 'text', [], [[]], {}, () => 1, Symbol('s'), 7n];

describe('a valid message', () => {
  test.each(kinds)('the message %s is accepted where it is complete', (kind) => {
    expect(faults[kind](good[kind])).toBeUndefined();
  });

  test.each([
    ['pause', { tenant: 'acme' }],
    ['refresh', { tenant: 'acme', minTtlSeconds: null }],
    ['submitCredentials', { ...good.submitCredentials, deadlineSeconds: 0 }],
    ['annotate', { tenant: 'acme' }],
    ['annotate', { tenant: 'acme', name: 'Acme' }],
    ['oauthCallback', { ...good.oauthCallback, answer: { ...code, iss: 'https://cloud.example' } }],
    ['oauthCallback', { ...good.oauthCallback, answer: { kind: 'error', error: 'access_denied', description: null } }],
    ['discoveryDone', { since: at, outcome: 'unauthorized', problem }],
    ['input', { ...good.input, name: null, discovery: null }],
    ['pause', { ...command, by: { kind: 'key', id: '0123456789abcdef' } }],
    ['submitCredentials', { ...good.submitCredentials, by: { kind: 'customer', id: `${good.input.id}/3` } }],
    ['input', { ...good.input, by: { kind: 'person', id: 'ada@example.com' } }],
    // A field that only a newer API knows is ignored.
    ['pause', { ...command, newer: { field: 1 } }],
  ] as const)('the message %s is accepted in this valid form: %j', (kind, value) => {
    expect(faults[kind](value)).toBeUndefined();
  });
});

describe('an invalid message', () => {
  test.each(kinds)('the message %s is refused with a reason where its value is no message at all', (kind) => {
    for (const value of garbage) expect(faults[kind](value)).toEqual(expect.any(String));
  });

  const required = kinds.flatMap((kind) =>
    Object.keys(good[kind])
      .filter((field) => !['requestId', 'name', 'tags'].includes(field) || kind === 'input')
      .map((field) => [kind, field] as const),
  );

  test.each(required)(
    'the message %s without its field "%s" is refused, and the reason says what is wrong',
    (kind, field) => {
      const { [field]: _gone, ...rest } = good[kind] as Record<string, unknown>;
      const reason = kind === 'discoveryDone' ? 'it is not the end of a discovery' : `'${field}'`;
      expect(faults[kind](rest)).toContain(reason);
    },
  );

  test.each([
    ['pause', { tenant: 7 }],
    ['pause', { tenant: 'acme', requestId: null }],
    ['pause', { tenant: 'acme', requestId: { $ne: null } }],
    ['invite', { ...good.invite, invitation: { ...invitation, lifetimeSeconds: '14 days' } }],
    ['invite', { ...good.invite, invitation: { ...invitation, lifetimeSeconds: -1 } }],
    ['invite', { ...good.invite, invitation: { ...invitation, lifetimeSeconds: Infinity } }],
    ['invite', { ...good.invite, invitation: { ...invitation, lifetimeSeconds: NaN } }],
    ['invite', { ...good.invite, invitation: { ...invitation, confirm: 'yes' } }],
    ['invite', { ...good.invite, invitation: [] }],
    ['reauthorize', { ...good.reauthorize, allowDifferentAccount: 1 }],
    ['submitCredentials', { ...good.submitCredentials, epoch: 1.5 }],
    ['submitCredentials', { ...good.submitCredentials, epoch: '1' }],
    ['submitCredentials', { ...good.submitCredentials, epoch: -1 }],
    ['submitCredentials', { ...good.submitCredentials, ref: null }],
    ['submitCredentials', { ...good.submitCredentials, deadlineSeconds: 'soon' }],
    ['refresh', { ...command, minTtlSeconds: -1 }],
    ['refresh', { ...command, minTtlSeconds: NaN }],
    ['refresh', { ...command, minTtlSeconds: '600' }],
    ['annotate', { ...command, name: 7 }],
    ['annotate', { ...command, tags: 'prod' }],
    ['annotate', { ...command, tags: [7] }],
    ['annotate', { ...command, tags: { 0: 'prod', length: 1 } }],
    ['oauthCallback', { ...good.oauthCallback, answer: { kind: 'code' } }],
    ['oauthCallback', { ...good.oauthCallback, answer: { ...code, code: { toString: 'x' } } }],
    ['oauthCallback', { ...good.oauthCallback, answer: { kind: 'other', error: 'e', description: null } }],
    ['oauthCallback', { ...good.oauthCallback, answer: { kind: 'error', error: 'e' } }],
    ['oauthCallback', { ...good.oauthCallback, answer: null }],
    ['oauthCallback', { ...good.oauthCallback, epoch: null }],
    ['lockInvitation', { epoch: '1' }],
    ['discoveryDone', { since: at, outcome: 'done', summary: [] }],
    ['discoveryDone', { since: at, outcome: 'done', summary: { ...summary, resources: '7' } }],
    ['discoveryDone', { since: at, outcome: 'done', summary: { ...summary, finishedAt: 'now' } }],
    ['discoveryDone', { since: at, outcome: 'unauthorized', problem: { code: 'c' } }],
    ['discoveryDone', { since: 'x', outcome: 'unauthorized', problem }],
    ['discoveryDone', { since: at, outcome: 'other', problem }],
    ['pause', { tenant: 'acme', requestId: '../../config/key-check' }],
    ['invite', { ...good.invite, invitation: { ...invitation, lifetimeSeconds: 1e300 } }],
    ['submitCredentials', { ...good.submitCredentials, deadlineSeconds: 1e15 }],
    ['input', { ...good.input, invitation: { ...invitation, lifetimeSeconds: 1e15 } }],
    ['input', { ...good.input, tags: null }],
    ['input', { ...good.input, setup: [] }],
    ['input', { ...good.input, discovery: 'hourly' }],
    ['input', { ...good.input, invitation: { lifetimeSeconds: 1 } }],
  ] as const)('the message %s is refused where a field is not valid: %j', (kind, value) => {
    expect(faults[kind](value)).toEqual(expect.any(String));
  });

  test.each([
    ['pause', 'a long actor', { ...command, by: { kind: 'key', id: 'k'.repeat(201) } }],
    ['pause', 'a long request id', { ...command, requestId: 'r'.repeat(101) }],
    ['pause', 'a long tenant', { tenant: 'a'.repeat(2_001) }],
    ['submitCredentials', 'a long reference', { ...good.submitCredentials, ref: 'r'.repeat(2_001) }],
    ['annotate', 'many tags', { ...command, tags: Array.from({ length: 101 }, () => 't') }],
    ['annotate', 'a long tag', { ...command, tags: ['t'.repeat(201)] }],
    ['annotate', 'a long name', { ...command, name: 'n'.repeat(2_001) }],
    ['oauthCallback', 'a long hash', { ...good.oauthCallback, stateHash: 's'.repeat(2_001) }],
    ['oauthCallback', 'a long code', { ...good.oauthCallback, answer: { ...code, code: 'c'.repeat(20_001) } }],
    [
      'oauthCallback',
      'long words',
      { ...good.oauthCallback, answer: { kind: 'error', error: 'e'.repeat(20_001), description: null } },
    ],
  ] as const)('the message %s is refused because of its size: %s', (kind, _what, value) => {
    expect(faults[kind](value)).toEqual(expect.any(String));
  });

  test('the reason of a refusal quotes no part of the message, because it appears in the timeline', () => {
    const secret = 'canary-of-a-stranger';
    for (const kind of kinds) {
      expect(faults[kind]({ [secret]: secret, tenant: { secret }, epoch: secret, since: [secret] })).not.toContain(
        secret,
      );
    }
  });
});

describe('who asks', () => {
  test.each([
    null,
    'a key',
    [],
    {},
    { kind: 'key' },
    { kind: 'god', id: 'k' },
    { kind: 'key', id: '' },
    { kind: 'key', id: 7 },
    { kind: 'key', id: 'two\nlines' },
    { kind: 'key', id: '[link](https://evil.example)' },
  ])('a message whose actor is %j is refused, because the timeline would show it', (by) => {
    expect(faults.pause({ ...command, by })).toContain("'by'");
    expect(faults.input({ ...good.input, by })).toContain("'by'");
  });
});

describe('a check', () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSparseArray: true,
  });

  test('a check never throws, whatever value arrives', () => {
    fc.assert(
      fc.property(fc.oneof(anything, fc.jsonValue()), (value) => {
        for (const kind of kinds) expect(['string', 'undefined']).toContain(typeof faults[kind](value));
      }),
      { numRuns: 1_000 },
    );
  });

  test('a check never throws on a valid message in which one field has an arbitrary value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.nat(), anything, (kind, index, value) => {
        const fields = Object.keys(good[kind]);
        const changed = { ...good[kind], [fields[index % fields.length]!]: value };
        expect(['string', 'undefined']).toContain(typeof faults[kind](changed));
      }),
      { numRuns: 1_000 },
    );
  });

  test('a check accepts no refresh message whose fields have the wrong types', () => {
    fc.assert(
      fc.property(
        fc.record({ tenant: fc.jsonValue(), minTtlSeconds: fc.jsonValue(), requestId: fc.jsonValue() }),
        (value) => {
          if (faults.refresh(value) !== undefined) return;
          expect(typeof value.tenant).toBe('string');
          const { minTtlSeconds } = value;
          expect(minTtlSeconds === null || (typeof minTtlSeconds === 'number' && minTtlSeconds >= 0)).toBe(true);
          expect(['string', 'undefined']).toContain(typeof value.requestId);
        },
      ),
    );
  });
});
