import { Type, type Static } from 'typebox';
import { tenantPattern } from '../../contracts/ids.ts';
import { plainTextPattern } from '../../contracts/plain-text.ts';
import { operatorScopes, tenantScopes } from '../../stores/api-key-scopes.ts';
import { DEFAULT_LIFE_DAYS, isExpired, type ApiKey } from '../../stores/api-keys.ts';
import { KeyUse } from '../http/plugins/key-use.ts';
import { CursorSchema, described, instant, nullable } from '../http/schema.ts';

export const DEFAULT_OVERLAP_HOURS = 24;

export const ApiKeySchema = Type.Object(
  {
    id: Type.String({ description: 'The part of the key that is not secret.' }),
    tenant: nullable(Type.String(), 'Whose key it is; null = of the operators of the installation.'),
    name: Type.String(),
    scopes: Type.Array(Type.String()),
    createdAt: instant(),
    createdBy: nullable(Type.String(), 'The id of the key that made it; null = made by a script of the installation.'),
    expiresAt: nullable(instant(), 'From then on it is refused; null = it does not expire.'),
    allowedAddresses: Type.Array(Type.String(), { description: 'Where it may be used from; empty = from everywhere.' }),
    replacedBy: nullable(Type.String(), 'The id of the key that it was rotated to.'),
    lastUsed: nullable(KeyUse, 'Null where it was not used, or not since the ephemeral store was emptied.'),
  },
  { $id: 'ApiKey', description: 'An API key, without its secret.' },
);

export const ApiKeyList = Type.Object({
  items: Type.Array(described(ApiKeySchema)),
  nextCursor: nullable(Type.String(), 'Null on the last page.'),
});

export const NewKey = Type.Object({
  key: Type.String({ description: 'The key itself, `mrg_…`. It is shown only here.' }),
  apiKey: described(ApiKeySchema),
});

const life = (description: string) =>
  Type.Union([Type.Integer({ minimum: 1, maximum: 3_650 }), Type.Literal('never')], { description });

export const CreateBody = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: plainTextPattern,
      description: 'What it is for.',
    }),
    scopes: Type.Array(Type.Enum([...tenantScopes, ...operatorScopes]), {
      minItems: 1,
      uniqueItems: true,
      description: 'Of a tenant, or of an operator; never of both. A key grants only scopes that it has itself.',
    }),
    tenant: Type.Optional(
      Type.String({
        pattern: tenantPattern,
        description: 'For operators: whose key it is. Left out: a key of the operators.',
      }),
    ),
    tenantDisplayName: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        pattern: plainTextPattern,
        description: 'For operators: makes the tenant where it is new. Its customers read this name.',
      }),
    ),
    expiresInDays: Type.Optional(life(`A number of days, or the word "never". Default: ${DEFAULT_LIFE_DAYS}.`)),
    allowedAddresses: Type.Optional(
      Type.Array(Type.String({ maxLength: 49 }), {
        maxItems: 50,
        uniqueItems: true,
        description:
          'IP addresses and networks such as 192.0.2.0/24 that it may be used from. Default: those of your key.',
      }),
    ),
  },
  { additionalProperties: false },
);

export const RotateBody = Type.Object(
  {
    expiresInDays: Type.Optional(life('Of the new key. Default: as long as the old one was made for.')),
    overlapHours: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 168,
        default: DEFAULT_OVERLAP_HOURS,
        description: 'How long the old key stays valid.',
      }),
    ),
  },
  { additionalProperties: false },
);

export const KeyParams = Type.Object({
  id: Type.String({ pattern: '^[0-9a-f]{16}$', description: 'The id of the API key.' }),
});

export const ListQuery = Type.Object(
  {
    tenant: Type.Optional(
      Type.String({
        pattern: tenantPattern,
        description: 'For operators: keys of this tenant. Left out: the operators’ own keys.',
      }),
    ),
    state: Type.Optional(
      Type.Enum(['valid', 'expired'], { description: 'Left out: both. A key that was revoked is gone.' }),
    ),
    expiresBefore: Type.Optional(instant('Keys that expire before then, or have expired.')),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    cursor: Type.Optional(CursorSchema),
  },
  { additionalProperties: false },
);

/** Which keys a list is asked for. */
export const filterOf =
  ({ state, expiresBefore }: Pick<Static<typeof ListQuery>, 'state' | 'expiresBefore'>, nowMs: number) =>
  (key: ApiKey): boolean => {
    if (state !== undefined && isExpired(key, nowMs) !== (state === 'expired')) return false;
    return expiresBefore === undefined || isExpired(key, Date.parse(expiresBefore) - 1);
  };

export const shownKey = (apiKey: ApiKey, lastUsed: Static<typeof KeyUse> | null): Static<typeof ApiKeySchema> => ({
  ...apiKey,
  scopes: [...apiKey.scopes],
  allowedAddresses: [...apiKey.allowedAddresses],
  lastUsed,
});
