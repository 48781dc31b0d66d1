import { Type, type Static } from 'typebox';
import { actorKinds } from '../../contracts/actor.ts';
import { connectionStatuses } from '../../contracts/connection.ts';
import { connectionIdPattern } from '../../contracts/ids.ts';
import { described, instant, nullable } from '../http/schema.ts';

export const ConnectionStatusSchema = Type.Enum([...connectionStatuses], {
  description:
    'awaiting_customer → verifying → active ⇄ degraded → action_required; paused on request; stopped when its workflow was ended from outside; disconnecting → disconnected; expired.',
});

export const ProblemSchema = Type.Object(
  {
    code: Type.String({ description: 'Stable code for programs to branch on.' }),
    message: Type.String({ description: 'What is wrong, with its cause.' }),
    remedy: Type.String({ description: 'What to do about it.' }),
    link: Type.Optional(Type.String({ description: 'Where the remedy is done, to be opened in a browser.' })),
    until: Type.Optional(instant('Of a warning: when what it warns of happens, unless a person acts.')),
  },
  { description: 'Something that a person should know about the connection.' },
);

const AccountSchema = Type.Object(
  { id: Type.String(), displayName: nullable(Type.String()) },
  { description: 'The cloud account, as the cloud names it.' },
);

export const healthStates = ['ok', 'late', 'paused_by_operator', 'stuck'] as const;

const HealthSchema = Type.Object(
  {
    state: Type.Enum([...healthStates], {
      description:
        '`late`: work on it is more than two minutes overdue. `paused_by_operator`: an operator paused its work in Temporal. `stuck`: its workflow fails again and again, and takes no verb.',
    }),
    since: nullable(instant('Null where it is `ok`.')),
    problem: nullable(ProblemSchema),
  },
  { description: 'Whether Mooring itself keeps up with the connection. It says nothing about the cloud.' },
);

export const CredentialFactsSchema = Type.Object(
  {
    generation: Type.Integer({ description: 'Goes up by one with each credential that the cloud issues.' }),
    ttlSeconds: nullable(Type.Integer({ description: 'Life left when it was last looked at.' })),
    lifetimeSeconds: nullable(Type.Integer({ description: 'Lifetime as the cloud issued it.' })),
    renewable: Type.Boolean({ description: 'False when the cloud gave nothing to renew with.' }),
    scopes: Type.Array(Type.String()),
    issuedAt: instant(),
    expiresAt: nullable(instant()),
    nextRefreshAt: nullable(instant()),
  },
  { description: 'Facts about the stored credential; never the credential.' },
);

const InvitationSchema = Type.Object(
  {
    epoch: Type.Integer({ description: 'Goes up with every new or revoked link; older ones are refused.' }),
    expiresAt: instant(),
    purpose: Type.Enum(['connect', 'reauthorize']),
    passcodeRequired: Type.Boolean(),
    confirm: Type.Boolean({ description: 'The account must be confirmed before anything is used.' }),
    locked: Type.Boolean({ description: 'The passcode was wrong too often: this link lets nobody in any more.' }),
  },
  { description: 'The link that is open at present.' },
);

const VerificationSchema = Type.Object(
  {
    step: Type.Enum(['exchange', 'proof', 'confirmation', 'promotion']),
    attempts: Type.Integer({ description: 'Tries so far.' }),
    lastProblem: nullable(ProblemSchema),
    nextTryAt: nullable(instant('Null while a try is running, or where nothing is tried.')),
    account: nullable(AccountSchema),
  },
  { description: 'What is being waited for between the sign-in and `active`.' },
);

const CountsSchema = {
  added: Type.Integer(),
  removed: Type.Integer(),
  changed: Type.Integer(),
};

const DiscoverySchema = Type.Object(
  {
    intervalSeconds: nullable(Type.Integer({ description: 'Null = on demand alone.' })),
    nextAt: nullable(instant()),
    running: nullable(Type.Object({ since: instant(), trigger: Type.String() })),
    last: nullable(
      Type.Object({
        trigger: Type.String(),
        startedAt: instant(),
        finishedAt: instant(),
        lists: Type.Integer({ description: 'Lists made: one for each kind and project.' }),
        complete: Type.Integer(),
        partial: Type.Integer(),
        failed: Type.Integer(),
        resources: Type.Integer(),
        ...CountsSchema,
        problems: Type.Array(ProblemSchema),
        notice: nullable(ProblemSchema),
      }),
    ),
  },
  { description: 'What was found in the account, and when it is looked at again.' },
);

const RevocationSchema = Type.Object(
  {
    outcome: Type.Enum(['revoked', 'nothing_to_revoke', 'unsupported', 'failed']),
    revoked: Type.Optional(Type.Array(Type.String())),
    note: Type.Optional(Type.String()),
    problem: Type.Optional(ProblemSchema),
  },
  { description: 'What the cloud said when the credential was revoked.' },
);

export const TombstoneSchema = Type.Object({
  account: nullable(AccountSchema),
  revocation: RevocationSchema,
  disconnectedAt: instant(),
});

export const ConnectionSchema = Type.Object(
  {
    id: Type.String({ pattern: connectionIdPattern, description: 'Also the workflow id in the Temporal UI.' }),
    tenant: Type.String(),
    provider: Type.String(),
    region: Type.String(),
    method: Type.String(),
    name: nullable(Type.String()),
    tags: Type.Array(Type.String()),
    status: ConnectionStatusSchema,
    statusSince: instant(),
    problem: nullable(ProblemSchema),
    warnings: Type.Array(ProblemSchema),
    account: nullable(AccountSchema),
    setup: Type.Record(Type.String(), Type.String(), {
      description: 'What the customer must know to let this connection in, e.g. the external ID. No secret.',
    }),
    credential: nullable(CredentialFactsSchema),
    invitation: nullable(InvitationSchema),
    verification: nullable(VerificationSchema),
    discovery: nullable(DiscoverySchema),
    tombstone: nullable(TombstoneSchema),
    health: Type.Union([HealthSchema, Type.Null()], {
      description:
        'Looked at where one connection is read; null in lists, in replies to verbs, and where none of its workflow runs.',
    }),
    createdAt: instant(),
    updatedAt: instant(),
  },
  { $id: 'Connection', description: 'One connection, as far as the outside may see it.' },
);
export type Connection = Static<typeof ConnectionSchema>;

export const ActorSchema = Type.Object(
  {
    kind: Type.Enum([...actorKinds], {
      description: '`key`: an API key; `customer`: the holder of a link; `operator`: who runs the installation.',
    }),
    id: Type.String({ description: 'Of a customer: the connection, and the epoch of the link.' }),
  },
  { $id: 'Actor', description: 'Who asked for something.' },
);

export const TimelineEntrySchema = Type.Object(
  {
    at: instant(),
    event: Type.String({ description: 'A stable name, e.g. `signed_in`.' }),
    text: Type.String({ description: 'One sentence for people.' }),
    by: nullable(described(ActorSchema), 'Who asked for it; null for what Mooring did by itself.'),
  },
  { $id: 'TimelineEntry', description: 'Something that happened to a connection.' },
);
