import { describe, expect, it } from 'vitest';
import { progressOf } from '../../../api/sign-in/progress.ts';
import { problems } from '../../../contracts/problem.ts';
import { invitationOf, viewWith } from './support.ts';

const before = '2026-11-23T08:00:00.000Z';
const after = '2026-11-23T08:00:01.000Z';
const claims = { c: 'con_x', e: 1, b: 'digest', u: before };
const account = { id: 'xx-1', displayName: 'Example' };

describe('the progress of a sign-in', () => {
  it('a sign-in is in progress until the connection has processed it, whatever failed before', () => {
    const view = viewWith({ problem: problems.exchangeAmbiguous, updatedAt: before });
    expect(progressOf(claims, view)).toMatchObject({ tone: 'working', done: false, problem: null });
  });

  it.each(['exchange', 'proof', 'confirmation', 'promotion'] as const)(
    'a sign-in is in progress during the step "%s"',
    (step) => {
      const verification = { step, attemptsBefore: 0, lastProblem: null, account };
      const view = viewWith({ status: 'verifying', verification, updatedAt: after });
      expect(progressOf(claims, view)).toMatchObject({ tone: 'working', done: false, account });
    },
  );

  it('a sign-in whose proof is retried shows the last problem, the attempts and the time of the next one', () => {
    const verification = { step: 'proof' as const, attemptsBefore: 0, lastProblem: null, account: null };
    const view = viewWith({ status: 'verifying', verification, updatedAt: after });
    const lastProblem = problems.storeUnavailable;
    const tries = { step: 'proof' as const, attempts: 3, nextTryAt: after, lastProblem, account: null };
    expect(progressOf(claims, view, tries)).toMatchObject({
      tone: 'working',
      done: false,
      problem: lastProblem,
      waiting: { attempts: 3, nextTryAt: after },
    });
    expect(progressOf(claims, view, { ...tries, lastProblem: null })).toMatchObject({ problem: null, waiting: null });
    expect(progressOf(claims, view, { ...tries, step: 'promotion' })).toMatchObject({ waiting: null });
  });

  it('a sign-in is done and good once the connection is active', () => {
    const view = viewWith({ status: 'active', invitation: null, account, updatedAt: after });
    expect(progressOf(claims, view)).toMatchObject({ tone: 'good', title: 'Connected', account, done: true });
  });

  it('a sign-in stays good when a link to re-authorise is made later', () => {
    const view = viewWith({ status: 'active', invitation: invitationOf(5), account, updatedAt: after });
    expect(progressOf(claims, view)).toMatchObject({ tone: 'good', done: true });
  });

  it('a sign-in stays good while the connection is degraded', () => {
    const view = viewWith({
      status: 'degraded',
      invitation: null,
      account,
      problem: problems.refreshTimedOut,
      updatedAt: after,
    });
    expect(progressOf(claims, view)).toMatchObject({ tone: 'good', done: true });
  });

  it('a failed sign-in shows its cause', () => {
    const view = viewWith({ problem: problems.exchangeAmbiguous, updatedAt: after });
    expect(progressOf(claims, view)).toMatchObject({ tone: 'bad', problem: problems.exchangeAmbiguous, done: true });
  });

  it('a failed re-authorisation shows its cause although the connection stays active', () => {
    const view = viewWith({ status: 'active', warnings: [problems.accountMismatch], updatedAt: after });
    expect(progressOf(claims, view)).toMatchObject({ tone: 'bad', problem: problems.accountMismatch, done: true });
  });

  it('a sign-in whose link was replaced says so', () => {
    const view = viewWith({ invitation: invitationOf(2), updatedAt: after });
    expect(progressOf(claims, view)).toMatchObject({ problem: problems.invitationReplaced, done: true });
  });

  it('a sign-in that the customer declined is shown as declined', () => {
    const progress = progressOf({ ...claims, d: 'access_denied' }, viewWith({ updatedAt: before }));
    expect(progress).toMatchObject({ tone: 'bad', problem: problems.customerDeclined, done: true });
    expect(progress.sentence).toBe('You declined the request at the cloud.');
  });

  it('a sign-in that the cloud failed is not shown as declined', () => {
    const progress = progressOf(
      { ...claims, d: 'server_error' },
      viewWith({ status: 'active', invitation: null, updatedAt: after }),
    );
    expect(progress.problem).toMatchObject({
      code: 'sign_in_failed',
      message: expect.stringContaining('server_error'),
    });
  });

  it.each(['disconnecting', 'disconnected', 'expired'] as const)(
    'a sign-in is done and bad when the connection is %s',
    (status) => {
      expect(progressOf(claims, viewWith({ status, invitation: null, updatedAt: after }))).toMatchObject({
        tone: 'bad',
        done: true,
      });
    },
  );
});
