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

describe('asking to be tried again', () => {
  test('is no alarm: benign, retryable, of its own type, without a stack and without a cause', () => {
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

  test('reports when the credential was issued and is renewed next, and nothing else of it', () => {
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

  test('reports why a renewal has not happened', () => {
    const { details } = asking({ problem: problems.storeUnavailable });
    expect(details).toEqual([expect.objectContaining({ generation: 7, problem: problems.storeUnavailable })]);
  });

  test.each([
    [
      'a problem of our own catalogue',
      Object.values(problems).toSorted((a, b) => b.message.length - a.message.length)[0]!,
    ],
    [
      'a cloud that talks a lot',
      { code: 'permission_missing', message: 'It said: '.repeat(900), remedy: 'Do this. '.repeat(900) },
    ],
    [
      'a cloud that quotes and shouts',
      { code: 'permission_missing', message: '"Nö" '.repeat(900), remedy: 'ÄÖÜ '.repeat(900) },
    ],
  ])('stays within 1 KB: %s', (_what, problem) => {
    expect(bytesOf(asking({ problem }).details)).toBeLessThanOrEqual(1_024);
  });

  test('stays below what the server keeps of a failure, whatever the texts are made of', () => {
    const text = fc.string({ unit: 'binary', maxLength: 5_000 });
    fc.assert(
      fc.property(text, text, text, (message, remedy, sentence) => {
        const failure = asking({ sentence, problem: { code: 'cloud_refused', message, remedy } });
        expect(bytesOf(failure.details)).toBeLessThanOrEqual(3_000);
        expect(failure.message.length).toBeLessThanOrEqual(200);
      }),
    );
  });

  test('cuts a long sentence visibly, and leaves one that fits as it is', () => {
    expect(asking({ sentence: 'x'.repeat(200) }).message).toBe('x'.repeat(200));
    expect(asking({ sentence: 'x'.repeat(201) }).message).toBe(`${'x'.repeat(199)}…`);
  });

  test('waits for at least a second and in whole milliseconds: a delay of nothing would be the retry policy’s', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e12, max: 1e12, noNaN: true }), (offset) => {
        const { nextRetryDelay } = asking({ atMs: nowMs + offset });
        expect(nextRetryDelay).toBe(Math.max(Math.round(offset), 1_000));
      }),
    );
  });

  test('carries no link: it may hold more than an operator needs, and is long', () => {
    const problem = { code: 'c', message: 'm', remedy: 'r', link: `https://cloud.example/${'a'.repeat(3_000)}` };
    expect(asking({ problem }).details).toEqual([
      expect.objectContaining({ problem: { code: 'c', message: 'm', remedy: 'r' } }),
    ]);
  });

  test('carries nothing of the credential beyond its facts', () => {
    const secret = createHash('sha256').update('token').digest('hex');
    const withMore = { ...facts, access_token: secret } as CredentialFacts;
    const failure = asking({ facts: withMore });
    expect(JSON.stringify([failure.message, failure.details])).not.toContain(secret);
  });
});
