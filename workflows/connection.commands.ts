import type {
  AnnotateCommand,
  Command,
  ConnectionInput,
  InvitationTerms,
  InviteCommand,
  OAuthCallback,
  ReauthorizeCommand,
  RefreshCommand,
  SubmitCredentialsCommand,
} from './contracts/messages.ts';
import { isRefusedPayload, REFUSED_PAYLOAD } from './contracts/refused-payload.ts';
import type { DiscoveryDone } from './contracts/discovery.ts';
import { parseDiscoveryDone } from './discovery.parse.ts';

/**
 * Checks of what arrives in messages. Whoever can reach Temporal can send anything: what is not of the right shape is
 * refused with a reason, and never thrown on, because a handler that throws stops the connection. Each answers the
 * first field that is wrong, or undefined.
 */
type Fault = string | undefined;
type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isShortText: Check = (value) => typeof value === 'string' && value.length <= 20_000;
const isSeconds: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isEpoch: Check = (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isFlag: Check = (value) => typeof value === 'boolean';
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
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
  if (!isObject(value)) return 'it is no object';
  const wrong = Object.entries(shape).find(([name, check]) => !check(value[name]));
  return wrong && `the field '${wrong[0]}' is missing or not of its kind`;
}

const commandShape = { tenant: isText, requestId: optional(isText) };
const termsShape = { lifetimeSeconds: isSeconds, passcodeRequired: isFlag, confirm: isFlag };
const isTerms = (value: unknown): value is InvitationTerms => faultOf(value, termsShape) === undefined;
const inviteShape = { ...commandShape, invitation: isTerms };

export const faults = {
  command: (value: unknown): Fault => faultOf(value, commandShape),
  invite: (value: unknown): Fault => faultOf(value, inviteShape),
  reauthorize: (value: unknown): Fault => faultOf(value, { ...inviteShape, allowDifferentAccount: isFlag }),
  submit: (value: unknown): Fault =>
    faultOf(value, { ...commandShape, epoch: isEpoch, ref: isText, deadlineSeconds: orNull(isSeconds) }),
  refresh: (value: unknown): Fault => faultOf(value, { ...commandShape, minTtlSeconds: orNull(isSeconds) }),
  annotate: (value: unknown): Fault =>
    faultOf(value, { ...commandShape, name: optional(orNull(isText)), tags: optional(isTexts) }),

  callback(value: unknown): Fault {
    const shape = { epoch: isEpoch, stateHash: isText, browserHash: isText, redirectUri: isText, answer: isObject };
    const fault = faultOf(value, shape);
    if (fault !== undefined || !isObject(value)) return fault;
    const { answer } = value;
    return isObject(answer) && answer['kind'] === 'code'
      ? faultOf(answer, { code: isShortText, sealedVerifier: isText, iss: orNull(isText) })
      : faultOf(answer, { kind: (kind) => kind === 'error', error: isShortText, description: orNull(isShortText) });
  },

  discoveryDone: (value: unknown): Fault => (parseDiscoveryDone(value) ? undefined : 'it is not how a discovery ends'),

  input(value: unknown): Fault {
    const fault = faultOf(value, {
      id: isText,
      tenant: isText,
      provider: isText,
      region: isText,
      method: isText,
      name: orNull(isText),
      tags: isTexts,
      invitation: isTerms,
      setup: isObject,
      discovery: orNull(isObject),
    });
    return fault;
  },
} as const;

/** The messages by the check that lets them through; what TypeScript cannot know, the check has made sure of. */
export interface Checked {
  readonly command: Command;
  readonly invite: InviteCommand;
  readonly reauthorize: ReauthorizeCommand;
  readonly submit: SubmitCredentialsCommand;
  readonly refresh: RefreshCommand;
  readonly annotate: AnnotateCommand;
  readonly callback: OAuthCallback;
  readonly discoveryDone: DiscoveryDone;
  readonly input: ConnectionInput;
}
