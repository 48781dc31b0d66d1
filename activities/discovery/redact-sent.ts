import type { Json, JsonObject } from '../../platform/json.ts';
import { isSecretName, redactText } from '../../platform/redaction.ts';
import type { Secret } from '../../platform/secret.ts';
import type { Problem } from '../../contracts/problem.ts';
import { createRedactor } from '../../providers/http/redact.ts';
import type { KindListing, ListFailure, Listing } from '../../providers/listing/lister.ts';

/** A shorter value may be a part of any word. */
const SHORTEST_SECRET = 8;

/**
 * Removes the credential from problems, because proxies and gateways quote the request's headers in their error pages. The
 * HTTP client does this for its own requests. This also covers what an SDK or a program has sent.
 */
export interface SentRedactor {
  problem(problem: Problem): Problem;
  failure<F extends ListFailure>(failure: F): F;
  listing(listing: Listing): Listing;
}

export function createSentRedactor(record: Secret<JsonObject>): SentRedactor {
  const withoutSent = createRedactor(secretsIn(record.reveal(), false));
  const clean = (text: string): string => redactText(withoutSent(text));

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

/** All texts under a secret name. */
function secretsIn(json: Json, isSecret: boolean): string[] {
  if (typeof json === 'string') return isSecret && json.length >= SHORTEST_SECRET ? [json] : [];
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([name, value]) => secretsIn(value, isSecret || isSecretName(name)));
}
