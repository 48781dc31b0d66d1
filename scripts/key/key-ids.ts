import { KEY_ID } from '../../platform/temporal/payload-codec.ts';

/**
 * The ids of all keys that payloads anywhere in a message of Temporal's API are sealed with. They stand in clear in each
 * payload's metadata, so that nothing has to be opened.
 */
export function keyIdsIn(message: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof message !== 'object' || message === null || ArrayBuffer.isView(message)) return found;
  if ('metadata' in message) {
    const id = (message.metadata as Readonly<Record<string, Uint8Array>> | null)?.[KEY_ID];
    if (id) found.add(Buffer.from(id).toString());
  }
  for (const member of Object.values(message)) keyIdsIn(member, found);
  return found;
}
