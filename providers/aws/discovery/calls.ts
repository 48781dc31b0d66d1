import { setTimeout as delay } from 'node:timers/promises';

import type { Clock } from '../../../platform/clock.ts';
import { CallError } from '../../http/call-error.ts';
import type { Http } from '../../http/http.ts';
import type { ListContext, ListFailure } from '../../listing/lister.ts';
import type { Session } from '../client.ts';
import { sdkRequestHandler } from '../client/request-handler.ts';
import { sdkCallError } from '../client/sts.ts';
import { endpointOf, type Service } from './endpoints.ts';
import { verdictOf, type Sign, type Situation, type Verdict } from './errors.ts';
import { regionSilent } from './problems.ts';
import type { RegionHealth } from './region-health.ts';
import type { RegionSlots } from './region-slots.ts';

/** A call that failed, with what that means for its list. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly failure: ListFailure;
  readonly sign: Sign;

  constructor({ failure, sign }: Verdict) {
    super(failure.problem.message);
    this.failure = failure;
    this.sign = sign;
  }
}

/** AWS does not know the session any more: everything is asked again with a new one. */
export class SessionEnded extends CallFailed {}

/** The services of one region, for the length of one list. Calls throw {@link CallFailed}, or the signal's reason. */
export interface RegionCalls {
  readonly region: string;
  /** For a client of the SDK. */
  config(service: Service): ClientConfig;
  /** `action` is the right that the call needs, e.g. `ec2:DescribeInstances`. */
  call<T>(service: Service, action: string, send: (signal: { abortSignal: AbortSignal }) => Promise<T>): Promise<T>;
}

export interface ClientConfig {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
  readonly maxAttempts: 1;
  readonly requestHandler: ReturnType<typeof sdkRequestHandler>;
}

export interface CallsDependencies {
  readonly http: Http;
  readonly clock: Clock;
  readonly health: RegionHealth;
  readonly slots: RegionSlots;
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

export interface CallsOf {
  readonly context: ListContext;
  readonly session: Session;
  readonly account: string;
  readonly region: string;
  /** See {@link Situation.knowsEverySession}. */
  readonly knowsEverySession: boolean;
}

/** Of the pauses of one list. What asks for a longer one is left to the next attempt at the list. */
const LONGEST_PAUSES_MS = 60_000;
const TRIES = 5;

export function createRegionCalls(deps: CallsDependencies, of: CallsOf): RegionCalls {
  const { http, clock, health, slots } = deps;
  const { context, session, account, region } = of;
  const wait = deps.wait ?? (async (milliseconds, signal) => await delay(milliseconds, undefined, { signal }));
  const { signal, connectionId } = context;
  const sent = [session.accessKeyId, session.secretAccessKey.reveal(), session.sessionToken.reveal()];
  const requestHandler = sdkRequestHandler(http);
  let pausesLeftMs = LONGEST_PAUSES_MS;

  /** The pause before the next try; undefined where it is not made here. */
  function pauseAfter({ sign, failure }: Verdict, tries: number): number | undefined {
    const { retryAfterSeconds } = failure;
    if (sign !== 'throttled' || tries >= TRIES) return undefined;
    const pauseMs = retryAfterSeconds === null ? 500 * 2 ** tries : retryAfterSeconds * 1000;
    if (pauseMs > pausesLeftMs) return undefined;
    pausesLeftMs -= pauseMs;
    return pauseMs;
  }

  function note(service: Service, action: string, { sign, failure }: Verdict): void {
    const isReply = sign !== 'not_connected' && sign !== 'not_answered';
    if (isReply) health.noteReply(connectionId, region, false);
    const known = sign === 'not_answered' ? { ...failure, problem: regionSilent({ action, region }) } : failure;
    health.noteFailure(connectionId, region, service, { sign, failure: known });
  }

  return {
    region,
    config(service) {
      const { accessKeyId, secretAccessKey, sessionToken } = session;
      return {
        region,
        endpoint: endpointOf(context.region, service, region),
        credentials: {
          accessKeyId,
          secretAccessKey: secretAccessKey.reveal(),
          sessionToken: sessionToken.reveal(),
        },
        // Throttled calls are paced here, and everything else is left to the workflow.
        maxAttempts: 1,
        requestHandler,
      };
    },
    async call(service, action, send) {
      const variable = context.region.manifest.urls[service]?.variable ?? '';
      const asked: Situation = { action, region, variable, sent, knowsEverySession: of.knowsEverySession };
      return await slots.use(`${account} ${region}`, signal, async () => {
        for (let tries = 1; ; tries += 1) {
          const trouble = health.troubleIn(connectionId, region);
          if (trouble) throw new CallFailed(trouble);
          try {
            const reply = await send({ abortSignal: signal });
            health.noteReply(connectionId, region, true);
            return reply;
          } catch (error) {
            signal.throwIfAborted();
            const called = sdkCallError(error, clock.now(), undefined);
            if (!(called instanceof CallError)) throw called;
            const verdict = verdictOf(called.failure, asked);
            note(service, action, verdict);
            if (verdict.sign === 'session_ended') throw new SessionEnded(verdict);
            const pauseMs = pauseAfter(verdict, tries);
            if (pauseMs === undefined) throw new CallFailed(verdict);
            await wait(pauseMs, signal).catch(() => signal.throwIfAborted());
          }
        }
      });
    },
  };
}
