import { actorKinds, type ActorKind } from '../../contracts/actor.ts';
import type { InvitationTerms, SignalName, UpdateName } from '../../contracts/messages.ts';
import type { KeepFreshOutcome } from '../../contracts/activities.ts';
import { isRefusedPayload, REFUSED_PAYLOAD } from '../../contracts/refused-payload.ts';
import { parseDiscoveryDone } from '../discovery/parse.ts';

/**
 * Checks of incoming messages. Any client of Temporal can send anything. A message of the wrong shape is refused with a
 * reason; it must not make a handler throw, because that would stop the connection. Each check returns the first field
 * that is wrong, or undefined.
 */
type Fault = string | undefined;
type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const TEN_YEARS_SECONDS = 10 * 365 * 24 * 60 * 60;

const ofLength =
  (most: number): Check =>
  (value) =>
    typeof value === 'string' && value.length <= most;
/** For fields kept in the state, which is carried from run to run: Temporal accepts 2 MB at most. */
const isText = ofLength(2_000);
/** For a code or an error text of a cloud: used once, and not kept whole. */
const isLongText = ofLength(20_000);
const isSeconds: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;
/** Added to the present time; the sum must be a valid date. */
const isLifetime: Check = (value) => isSeconds(value) && (value as number) <= TEN_YEARS_SECONDS;
/** It becomes part of a key in the secret store. */
const isRequestId: Check = (value) => typeof value === 'string' && /^[A-Za-z0-9_.:=-]{1,100}$/.test(value);
/** It is shown to people, in the timeline. */
const isActorId: Check = (value) => typeof value === 'string' && /^[\w.:@/-]{1,200}$/.test(value);
const isEpoch: Check = (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isFlag: Check = (value) => typeof value === 'boolean';
const isTags: Check = (value) => Array.isArray(value) && value.length <= 100 && value.every(ofLength(200));
const isDigests: Check = (value) => Array.isArray(value) && value.length <= 100 && value.every(ofLength(64));
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

function faultOf(value: unknown, shape: Readonly<Record<string, Check>>): Fault {
  if (isRefusedPayload(value)) return value[REFUSED_PAYLOAD];
  if (!isObject(value)) return 'it is not an object';
  const wrong = Object.entries(shape).find(([name, check]) => !check(value[name]));
  return wrong && `the field '${wrong[0]}' is missing or of the wrong type`;
}

const isActor: Check = (value) =>
  isObject(value) && actorKinds.includes(value['kind'] as ActorKind) && isActorId(value['id']);
const commandShape = { tenant: isText, requestId: optional(isRequestId), by: optional(isActor) };
const termsShape = { lifetimeSeconds: isLifetime, passcodeRequired: isFlag, confirm: isFlag };
const isTerms = (value: unknown): value is InvitationTerms => faultOf(value, termsShape) === undefined;
const inviteShape = { ...commandShape, invitation: isTerms };

const command = (value: unknown): Fault => faultOf(value, commandShape);

/** What is wrong with a message, by its name, and with the workflow's input. */
export const faults = {
  invite: (value: unknown): Fault => faultOf(value, inviteShape),
  reauthorize: (value: unknown): Fault => faultOf(value, { ...inviteShape, allowDifferentAccount: isFlag }),
  revokeInvitation: command,
  submitCredentials: (value: unknown): Fault =>
    faultOf(value, { ...commandShape, epoch: isEpoch, ref: isText, deadlineSeconds: orNull(isLifetime) }),
  confirm: command,
  refresh: (value: unknown): Fault => faultOf(value, { ...commandShape, minTtlSeconds: orNull(isSeconds) }),
  discover: command,
  verify: command,
  pause: command,
  resume: command,
  recover: command,
  annotate: (value: unknown): Fault =>
    faultOf(value, {
      ...commandShape,
      name: optional(orNull(isText)),
      nameDigests: optional(isDigests),
      tags: optional(isTags),
    }),
  disconnect: command,

  oauthCallback(value: unknown): Fault {
    const shape = { epoch: isEpoch, stateHash: isText, browserHash: isText, redirectUri: isText, answer: isObject };
    const fault = faultOf(value, shape);
    if (fault !== undefined || !isObject(value)) return fault;
    const { answer } = value;
    return isObject(answer) && answer['kind'] === 'code'
      ? faultOf(answer, { code: isLongText, sealedVerifier: isText, iss: orNull(isText) })
      : faultOf(answer, { kind: (kind) => kind === 'error', error: isLongText, description: orNull(isLongText) });
  },

  lockInvitation: (value: unknown): Fault => faultOf(value, { epoch: isEpoch }),

  discoveryDone: (value: unknown): Fault =>
    parseDiscoveryDone(value) ? undefined : 'it is not the end of a discovery',

  input(value: unknown): Fault {
    const fault = faultOf(value, {
      id: isText,
      tenant: isText,
      provider: isText,
      region: isText,
      method: isText,
      name: orNull(isText),
      tags: isTags,
      invitation: isTerms,
      setup: isObject,
      discovery: orNull(isObject),
      by: optional(isActor),
    });
    return fault;
  },
} as const satisfies Record<UpdateName | SignalName | 'input', (value: unknown) => Fault>;

const isTime: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const isShaped =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    faultOf(value, shape) === undefined;
const isProblem = isShaped({ code: isText, message: isLongText, remedy: isLongText });
export const isCredentialFacts = isShaped({
  generation: isEpoch,
  issuedAt: isTime,
  expiresAt: orNull(isTime),
  nextRefreshAt: orNull(isTime),
  renewable: isFlag,
  scopes: (value) => Array.isArray(value) && value.every(isText),
});
const isReply = isShaped({ envelope: (value) => typeof value === 'string', attemptId: isText, generation: isEpoch });
const outcomeShapes: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  fresh: {
    facts: isCredentialFacts,
    replayed: isFlag,
    warnings: orNull((value) => Array.isArray(value) && value.every(isProblem)),
  },
  // A cloud issues this only once, so it is kept even if the rest of the answer is odd.
  sealed: { sealed: isReply },
  unavailable: { problem: isProblem, retryAfterSeconds: orNull(isSeconds) },
  refused: { problem: isProblem, mayHeal: optional(isFlag) },
};

/** True if this build knows the outcome: a worker of another build may return another shape. */
export function isKeepFreshOutcome(value: unknown): value is KeepFreshOutcome {
  if (!isObject(value) || value['v'] !== 1) return false;
  const shape = Object.entries(outcomeShapes).find(([outcome]) => outcome === value['outcome'])?.[1];
  return shape !== undefined && faultOf(value, shape) === undefined;
}
