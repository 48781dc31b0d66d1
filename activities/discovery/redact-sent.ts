import type { Json, JsonObject } from '../../platform/json.ts';
import { isSecretName, REDACTED, redactText } from '../../platform/redaction.ts';
import type { Secret } from '../../platform/secret.ts';
import type { Problem } from '../../contracts/problem.ts';
import type { KindListing, ListFailure, Listing } from '../../providers/listing/lister.ts';

/** A shorter value may be a part of any word. */
const SHORTEST_SECRET = 8;

/**
 * Removes from problems whatever of the credential a cloud has sent back: proxies and gateways quote the request's headers
 * in their error pages. Each lister does so with what it sends; this is the last protection for all of them.
 */
export interface SentRedactor {
  problem(problem: Problem): Problem;
  failure<F extends ListFailure>(failure: F): F;
  listing(listing: Listing): Listing;
}

export function createSentRedactor(record: Secret<JsonObject>): SentRedactor {
  const secrets = secretsIn(record.reveal(), false);
  const clean = (text: string): string =>
    redactText(secrets.reduce((left, secret) => left.replaceAll(secret, REDACTED), text));

  const problem = ({ code, message, remedy, link }: Problem): Problem => ({
    code,
    message: clean(message),
    remedy: clean(remedy),
    ...(link !== undefined && { link: clean(link) }),
  });
  const failure = <F extends ListFailure>(one: F): F => ({ ...one, problem: problem(one.problem) });
  const kind = (one: KindListing): KindListing =>
    one.outcome === 'failed'
      ? { ...one, failure: failure(one.failure) }
      : { ...one, losses: one.losses.map((loss) => ({ ...failure(loss), path: clean(loss.path) })) };

  return {
    problem,
    failure,
    listing: ({ kinds, source, notice }) => ({ kinds: kinds.map(kind), source, notice: notice && problem(notice) }),
  };
}

/** All texts under a secret name, the longest first: one may be the beginning of another. */
function secretsIn(json: Json, isSecret: boolean): string[] {
  if (typeof json === 'string') return isSecret && json.length >= SHORTEST_SECRET ? [json] : [];
  if (typeof json !== 'object' || json === null) return [];
  const found = Object.entries(json).flatMap(([name, value]) => secretsIn(value, isSecret || isSecretName(name)));
  return found.toSorted((a, b) => b.length - a.length);
}
