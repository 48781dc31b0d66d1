import { cancellationSignal } from '@temporalio/activity';

import type { Problem } from '../../contracts/problem.ts';
import { iso } from '../../contracts/time.ts';
import type { AttemptInput, AttemptOutcome, WebhookActivities } from '../../contracts/webhooks.ts';
import type { Clock } from '../../platform/clock.ts';
import { startDeadline, withDeadline } from '../../platform/deadline.ts';
import { AddressNotAllowed } from '../../platform/guarded-connector.ts';
import { redactText } from '../../platform/redaction.ts';
import { createRedactor } from '../../providers/http/redact.ts';
import { parseRetryAfter } from '../../providers/http/retry-after.ts';
import type { StoredEndpoint } from '../../stores/webhooks/port.ts';
import type { WebhookTools } from '../dependencies.ts';
import { notYet, withStoreErrors } from '../failures.ts';
import type { EndpointHealth } from './endpoint-health.ts';
import type { EndpointPace } from './endpoint-pace.ts';
import { ANSWER_WITHIN_SECONDS, type Answer } from './post.ts';
import { deliveryProblems } from './problems.ts';
import { formsOf, signatures } from './sign.ts';

const DEADLINE_MS = ANSWER_WITHIN_SECONDS * 1000;
/** Even where the request ignores its signal; below the activity's 25 s. */
const HARD_DEADLINE_MS = DEADLINE_MS + 2_000;
const GONE = 410;
const USER_AGENT = 'Mooring-Webhooks/1';

interface DeliveryDependencies extends Omit<WebhookTools, 'endpoints' | 'existing'> {
  readonly endpoints: Pick<WebhookTools['endpoints'], 'read'>;
  readonly health: EndpointHealth;
  readonly pace: EndpointPace;
  readonly clock: Clock;
}

type Failed = Extract<AttemptOutcome, { outcome: 'failed' }>;

/**
 * One attempt to deliver an event to an endpoint. A worker that is killed in it makes it again: the receiver knows the
 * event by its id.
 */
export function createDeliverWebhook(deps: DeliveryDependencies): WebhookActivities['deliverWebhook'] {
  const { endpoints, health, pace } = deps;

  return async (input) => {
    const signal = cancellationSignal();
    const isSample = input.event.test === true;
    const stored = await withStoreErrors(() => endpoints.read(input.tenant, input.endpoint));
    if (!stored) return { outcome: 'dropped', problem: deliveryProblems.deleted };
    if (stored.endpoint.disabled && !isSample) return { outcome: 'disabled', problem: deliveryProblems.disabled };
    const heldSeconds = isSample ? 0 : await pace.heldFor(input.endpoint);
    if (heldSeconds > 0) throw notYet(deliveryProblems.held, heldSeconds);
    const end = pace.begin(input.endpoint);
    if (!end) throw notYet(deliveryProblems.busy);
    try {
      return await settled(stored, isSample, await send(deps, stored, input, signal));
    } finally {
      end();
    }
  };

  /** What the attempt means for the endpoint. A sample says nothing about it. */
  async function settled(
    stored: StoredEndpoint,
    isSample: boolean,
    { outcome, retryAfterSeconds }: Sent,
  ): Promise<AttemptOutcome> {
    const { status } = outcome.attempt;
    if (status !== null) await pace.answered(stored.endpoint.id, status, retryAfterSeconds);
    if (isSample) return outcome;
    if (outcome.outcome === 'delivered') {
      await health.succeeded(stored);
      return outcome;
    }
    if (status === GONE) {
      await health.isGone(stored);
      return { ...outcome, isLast: true };
    }
    return (await health.failed(stored)) ? { ...outcome, isLast: true } : outcome;
  }
}

interface Sent {
  readonly outcome: Failed | Extract<AttemptOutcome, { outcome: 'delivered' }>;
  readonly retryAfterSeconds: number | null;
}

async function send(
  { post, clock, allowsHttp }: DeliveryDependencies,
  { endpoint, signing }: StoredEndpoint,
  { event, attempt }: AttemptInput,
  cancelled: AbortSignal,
): Promise<Sent> {
  const startedAtMs = clock.now();
  const began = performance.now();
  const outcomeOf = (answer: Answer | null, problem: Problem | null, shown: string | null): Sent => {
    const made = {
      at: iso(startedAtMs),
      durationMs: Math.round(performance.now() - began),
      status: answer?.status ?? null,
      answer: shown,
      problem,
    };
    const retryAfterSeconds = parseRetryAfter(answer?.retryAfter, clock.now());
    return problem
      ? { outcome: { outcome: 'failed', attempt: made, isLast: false, retryAfterSeconds }, retryAfterSeconds }
      : { outcome: { outcome: 'delivered', attempt: made }, retryAfterSeconds };
  };
  if (!allowsHttp && !endpoint.url.startsWith('https://')) return outcomeOf(null, deliveryProblems.insecure, null);
  const body = JSON.stringify(event);
  const timestamp = Math.floor(startedAtMs / 1000);
  const signature = signatures(signing, { id: event.id, timestamp, body }, startedAtMs);
  const headers = {
    'content-type': 'application/json',
    'user-agent': USER_AGENT,
    'webhook-id': event.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signature,
    'mooring-delivery-attempt': String(attempt),
  };
  const deadline = startDeadline(DEADLINE_MS);
  try {
    const signal = AbortSignal.any([cancelled, deadline.signal]);
    const answer = await withDeadline(
      HARD_DEADLINE_MS,
      async () => await post(endpoint.url, { headers, body, signal }),
    );
    const redact = createRedactor([...formsOf(signing), ...signature.split(' ')]);
    return outcomeOf(answer, problemOf(answer.status), redactText(redact(answer.body)) || null);
  } catch (error) {
    if (cancelled.aborted) throw error;
    const isLate = deadline.signal.aborted;
    const problem = isLate ? deliveryProblems.timedOut(ANSWER_WITHIN_SECONDS) : problemOfError(error);
    return outcomeOf(null, problem, null);
  } finally {
    deadline.cancel();
  }
}

function problemOf(status: number): Problem | null {
  if (status >= 200 && status < 300) return null;
  if (status === GONE) return deliveryProblems.gone;
  return status >= 300 && status < 400 ? deliveryProblems.redirected(status) : deliveryProblems.status(status);
}

function problemOfError(error: unknown): Problem {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof AddressNotAllowed) return deliveryProblems.notAllowed;
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code === 'string') return deliveryProblems.unreachable(code);
  }
  return deliveryProblems.unreachable('network error');
}
