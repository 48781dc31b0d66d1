import { plainText } from '../../contracts/plain-text.ts';
import { isSecretName, REDACTED, redactText } from '../../platform/redaction.ts';
import type { InventoryRow } from '../../stores/inventory/port.ts';

export const MOST_TAGS = 50;
const LONGEST_NAME = 128;
const LONGEST_VALUE = 256;

/**
 * Tags in the form that rows keep: plain text, few and short. People put passwords into tags, so a value is replaced if it
 * looks like a credential, or if the tag's name says that it is one. If there are too many tags, the first by name are
 * kept, so that two lists of the same resource keep the same ones.
 */
export function plainTags(tags: Readonly<Record<string, string>>): InventoryRow['tags'] {
  const plain = Object.entries(tags).map(
    ([name, value]) => [plainText(name, LONGEST_NAME), plainValue(name, value)] as const,
  );
  const inOrder = plain.filter(([name]) => name !== '').sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(inOrder.slice(0, MOST_TAGS));
}

const plainValue = (name: string, value: string): string =>
  isSecretName(name) && value !== '' ? REDACTED : plainText(redactText(value), LONGEST_VALUE);
