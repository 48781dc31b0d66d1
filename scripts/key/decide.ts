import { isoAt } from '../../platform/clock.ts';
import { placesOf, type StatusReport } from './report.ts';

/**
 * What is sealed for a day at most and can't be counted from outside: sign-ins under way (10 minutes), and what requests
 * with an Idempotency-Key are recognised by (24 hours), both in Redis.
 */
const UNCOUNTED_MS = 24 * 3600 * 1000;

/** Why a key can't be dropped yet, one sentence each; none where it can. Undefined for a key that no process has had. */
export function reasonsToKeep(id: string, report: StatusReport, nowMs: number): string[] | undefined {
  const key = report.keys.find((one) => one.id === id);
  if (!key) return undefined;
  if (key.stands === 'first') {
    return [`"${id}" stands first in MOORING_KEYS: it seals. Move another key to the front, in every process.`];
  }
  const reasons: string[] = [];
  const places = placesOf(key);
  if (places.length > 0) {
    reasons.push(`Values are sealed with "${id}": ${places.join(', ')}. "npm run key -- status" says when they go.`);
  }
  // Never first: nothing was ever sealed with it.
  if (key.neededSince === null) return reasons;
  const first = report.keys.find(({ stands }) => stands === 'first');
  if (first?.neededSince == null) {
    reasons.push(`No worker has started with "${first?.id}" first in MOORING_KEYS yet: "${id}" still seals.`);
  } else if (Date.parse(first.neededSince) + UNCOUNTED_MS > nowMs) {
    const after = isoAt(Date.parse(first.neededSince) + UNCOUNTED_MS);
    reasons.push(
      `"${first.id}" stands first only since ${first.neededSince}: sign-ins and requests of the last day may be sealed with "${id}". Try again after ${after}.`,
    );
  }
  return reasons;
}
