import { REDACTED } from '../../../platform/redaction.ts';
import type { InventoryRow } from '../../../stores/inventory/port.ts';
import { MOST_TAGS, plainTags } from '../../listing/tags.ts';

const SECRET_NAME = /token|secret|passw|passphrase|credential|private_?key|api_?key|access_?key/i;

/** Forms that only credentials have. */
const SECRET_VALUE = [
  /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/i,
  /\b(hvs|hvb|mrg)[._][\w.-]{8,}/,
  /\beyJ[\w-]{8,}\.[\w-]+\./,
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
  /-----BEGIN [A-Z ]*PRIVATE KEY/,
  /:\/\/[^\s/:@]*:[^\s/@]+@/,
  /(token|secret|passw(or)?d|api_?key)["']?\s*[=:]\s*\S/i,
];

/** People write passwords into names and tags; what looks like one is not kept. */
export const isCredential = (text: string): boolean => SECRET_VALUE.some((form) => form.test(text));

/** The tags that are text, as the inventory takes them. */
export function readTags(given: Readonly<Record<string, unknown>> | null | undefined): InventoryRow['tags'] {
  const tags = Object.entries(given ?? {}).filter((tag): tag is [string, string] => typeof tag[1] === 'string');
  // OVHcloud adds tags of its own (`ovh:…`): the customer's come first where there are too many.
  const sorted = tags.toSorted(([one], [other]) => rankOf(one) - rankOf(other) || (one < other ? -1 : 1));
  const kept = sorted.slice(0, MOST_TAGS);
  return plainTags(
    Object.fromEntries(
      kept.map(([name, value]) => [name, SECRET_NAME.test(name) || isCredential(value) ? REDACTED : value]),
    ),
  );
}

const rankOf = (name: string): number => (name.startsWith('ovh:') ? 1 : 0);
