import { createHash } from 'node:crypto';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { askAgain } from '../../../activities/refresh/keep-fresh.ts';
import { failureTypes } from '../../../contracts/activities.ts';
import type { CredentialFacts } from '../../../contracts/connection.ts';
import { problems } from '../../../contracts/problem.ts';

const nowMs = Date.parse('2030-01-01T00:00:00.000Z');
const facts: CredentialFacts = {
  v: 1,
  generation: 7,
  issuedAt: '2030-01-01T00:00:00.000Z',
  expiresAt: '2030-01-01T01:00:00.000Z',
  nextRefreshAt: '2030-01-01T00:48:00.000Z',
  renewable: true,
  scopes: Array.from({ length: 200 }, (_, index) => `https://cloud.example/scope/${index}`),
};
const asking = (more: Partial<Parameters<typeof askAgain>[0]> = {}) =>
  askAgain({ atMs: nowMs + 60_000, nowMs, sentence: 'Fresh.', facts, ...more });
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('the failure by which upkeep asks for a retry', () => {
  test('a retry request is benign and retryable, of its own type, without a stack and a cause', () => {
    const failure = asking();
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({
      type: failureTypes.askAgain,
      category: ApplicationFailureCategory.BENIGN,
      nonRetryable: false,
      nextRetryDelay: 60_000,
      stack: '',
      cause: undefined,
    });
  });

  test('a retry request reports generation, issue, expiry and next renewal of the credential, and nothing else', () => {
    expect(asking().details).toEqual([
      {
        v: 1,
        generation: 7,
        issuedAt: facts.issuedAt,
        expiresAt: facts.expiresAt,
        nextRefreshAt: facts.nextRefreshAt,
      },
    ]);
    expect(asking({ facts: null }).details).toEqual([{ v: 1 }]);
  });

  test('a retry request reports why a renewal has not happened', () => {
    const { details } = asking({ problem: problems.storeUnavailable });
    expect(details).toEqual([expect.objectContaining({ generation: 7, problem: problems.storeUnavailable })]);
  });

  test.each([
    [
      'the longest problem of our own catalogue',
      Object.values(problems).toSorted((a, b) => b.message.length - a.message.length)[0]!,
    ],
    [
      'a cloud with long messages',
      { code: 'permission_missing', message: 'It said: '.repeat(900), remedy: 'Do this. '.repeat(900) },
    ],
    [
      'a cloud with quotes and umlauts in its messages',
      { code: 'permission_missing', message: '"Nö" '.repeat(900), remedy: 'ÄÖÜ '.repeat(900) },
    ],
  ])('a retry request stays within 1 KB: %s', (_what, problem) => {
    expect(bytesOf(asking({ problem }).details)).toBeLessThanOrEqual(1_024);
  });

  test('a retry request stays below the size that the server keeps of a failure, with any texts', () => {
    const text = fc.string({ unit: 'binary', maxLength: 5_000 });
    fc.assert(
      fc.property(text, text, text, (message, remedy, sentence) => {
        const failure = asking({ sentence, problem: { code: 'cloud_refused', message, remedy } });
        expect(bytesOf(failure.details)).toBeLessThanOrEqual(3_000);
        expect(failure.message.length).toBeLessThanOrEqual(200);
      }),
    );
  });

  test('a retry request marks where it cuts a long sentence, and leaves one that fits unchanged', () => {
    expect(asking({ sentence: 'x'.repeat(200) }).message).toBe('x'.repeat(200));
    expect(asking({ sentence: 'x'.repeat(201) }).message).toBe(`${'x'.repeat(199)}…`);
  });

  test('a retry request has a delay of at least a second, in whole milliseconds', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e12, max: 1e12, noNaN: true }), (offset) => {
        const { nextRetryDelay } = asking({ atMs: nowMs + offset });
        expect(nextRetryDelay).toBe(Math.max(Math.round(offset), 1_000));
      }),
    );
  });

  test('a retry request contains no link of the problem', () => {
    const problem = { code: 'c', message: 'm', remedy: 'r', link: `https://cloud.example/${'a'.repeat(3_000)}` };
    expect(asking({ problem }).details).toEqual([
      expect.objectContaining({ problem: { code: 'c', message: 'm', remedy: 'r' } }),
    ]);
  });

  test('a retry request contains no secret of the credential', () => {
    const secret = createHash('sha256').update('token').digest('hex');
    const withMore = { ...facts, access_token: secret } as CredentialFacts;
    const failure = asking({ facts: withMore });
    expect(JSON.stringify([failure.message, failure.details])).not.toContain(secret);
  });
});
