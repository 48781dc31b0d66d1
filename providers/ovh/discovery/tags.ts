import { plainText } from '../../../contracts/plain-text.ts';

const MOST_TAGS = 50;
const LONGEST_NAME = 128;
const LONGEST_VALUE = 256;

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
export function readTags(given: Readonly<Record<string, unknown>> | null | undefined): Record<string, string> {
  const tags = Object.entries(given ?? {}).filter((tag): tag is [string, string] => typeof tag[1] === 'string');
  // OVHcloud adds tags of its own (`ovh:…`): the customer's come first where there are too many.
  const sorted = tags.toSorted(([one], [other]) => rankOf(one) - rankOf(other) || (one < other ? -1 : 1));
  return Object.fromEntries(
    sorted.slice(0, MOST_TAGS).map(([name, value]) => {
      const isSecret = SECRET_NAME.test(name) || isCredential(value);
      return [plainText(name, LONGEST_NAME), isSecret ? '[redacted]' : plainText(value, LONGEST_VALUE)];
    }),
  );
}

const rankOf = (name: string): number => (name.startsWith('ovh:') ? 1 : 0);
