import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { WebhookEventType } from '../../contracts/webhooks.ts';
import { nullable } from '../../platform/schema.ts';
import { Secret } from '../../platform/secret.ts';
import type { StoredEndpoint } from './port.ts';

const instant = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' });

const document = Type.Object({
  url: Type.String({ pattern: '^https?://' }),
  description: nullable(Type.String()),
  /** Any text: a newer build may know more types, and must not lose its endpoints to an older one. */
  types: Type.Array(Type.String()),
  providers: Type.Array(Type.String()),
  tags: Type.Array(Type.String()),
  createdAt: instant,
  updatedAt: instant,
  disabled: nullable(Type.Object({ at: instant, reason: Type.Enum(['requested', 'gone', 'failing']) })),
  failing: nullable(
    Type.Object({ since: instant, attempts: Type.Integer({ minimum: 1 }), warnedAt: nullable(instant) }),
  ),
  secret: Type.String({ pattern: '^whsec_' }),
  previous: nullable(Type.Object({ secret: Type.String({ pattern: '^whsec_' }), until: instant })),
});
const storedDocument = Compile(document);

/** An endpoint as it is stored. */
export type EndpointDocument = Static<typeof document>;

/** Undefined for a document that is not an endpoint. */
export const parseDocument = (value: unknown): EndpointDocument | undefined =>
  storedDocument.Check(value) ? value : undefined;

/** The endpoint of a document, at a time; a secret whose overlap has ended does not sign any more. */
export function endpointOf(
  { tenant, id, version }: { readonly tenant: string; readonly id: string; readonly version: number },
  { secret, previous, types, ...facts }: EndpointDocument,
  nowMs: number,
): StoredEndpoint {
  const overlap = previous !== null && Date.parse(previous.until) > nowMs ? previous : null;
  return {
    endpoint: { id, tenant, ...facts, types: types as WebhookEventType[] },
    signing: {
      current: new Secret(secret),
      previous: overlap && { secret: new Secret(overlap.secret), until: overlap.until },
    },
    version,
  };
}

export const documentOf = ({ endpoint, signing }: Pick<StoredEndpoint, 'endpoint' | 'signing'>): EndpointDocument => {
  const { id: _id, tenant: _tenant, types, providers, tags, ...facts } = endpoint;
  return {
    ...facts,
    types: [...types],
    providers: [...providers],
    tags: [...tags],
    secret: signing.current.reveal(),
    previous: signing.previous && { secret: signing.previous.secret.reveal(), until: signing.previous.until },
  };
};
