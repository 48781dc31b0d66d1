import { createHmac, randomBytes as systemRandomBytes } from 'node:crypto';

import Type from 'typebox';
import { Compile } from 'typebox/compile';

import { inBase32 } from '../platform/readable-id.ts';
import type { StartDigests } from '../platform/temporal/start-attributes.ts';
import { Secret } from '../platform/secret.ts';
import { SecretStoreConflict, type SecretStore } from './secrets/port.ts';

/** In the gate `config`. */
const KEY = 'search-key';
const KEY_BYTES = 32;
/** 80 bits: among a million words, two are equal with a probability of less than one in a million. */
const DIGEST_CHARACTERS = 16;
/** Temporal takes 2 KB for a search attribute. A name of 200 characters has at most 100 words. */
const MOST_WORDS = 100;

const isDocument = Compile(Type.Object({ v: Type.Literal(1), key: Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' }) }));

/** No process has made the search key yet, and this one may not. */
export class SearchKeyMissing extends Error {
  override readonly name = 'SearchKeyMissing';
  readonly code = 'search_key_missing';
}

/**
 * Keyed digests (HMAC-SHA256) of what connections are searched by. Temporal never encrypts search attributes, so names and
 * accounts stand there as digests only: found by who knows the word, and read by nobody. The tenant is digested with it, so
 * that equal values of two tenants do not look equal.
 *
 * The key is kept in the secret store and not derived from the key ring: digests live as long as their connection, which
 * is longer than any key of the ring (docs/decisions/0034). All functions reject as the secret store does, and with
 * {@link SearchKeyMissing}, until the key has been read once.
 */
export interface SearchDigests {
  /** Reads the key, or makes it. */
  load(): Promise<void>;
  account(tenant: string, accountId: string): Promise<string>;
  /** Of each word of a name, or of what somebody searches for: each once, in the order of the text. */
  words(tenant: string, text: string): Promise<readonly string[]>;
  /** Of a connection as it is started. */
  connection(
    tenant: string,
    about: { readonly name: string | null; readonly account: { readonly id: string } | null },
  ): Promise<StartDigests>;
}

export function createSearchDigests({
  secrets,
  mayWrite,
  randomBytes = systemRandomBytes,
}: {
  readonly secrets: Pick<SecretStore, 'read' | 'write'>;
  /** True for a worker; the API's policy only lets it read. */
  readonly mayWrite: boolean;
  readonly randomBytes?: (size: number) => Buffer;
}): SearchDigests {
  let known: Promise<Buffer> | undefined;

  const find = async (): Promise<Buffer> => {
    const document = (await secrets.read('config', KEY))?.data.reveal();
    if (isDocument.Check(document)) return Buffer.from(document.key, 'base64');
    if (!mayWrite) {
      throw new SearchKeyMissing('No worker has made the search key yet: start one, and connections can be found.');
    }
    const key = randomBytes(KEY_BYTES);
    try {
      await secrets.write('config', KEY, new Secret({ v: 1, key: key.toString('base64') }), { cas: 0 });
      return key;
    } catch (error) {
      if (!(error instanceof SecretStoreConflict) || document !== undefined) throw error;
      // Another process was first.
      return await find();
    }
  };

  /** One read for all callers; a failure is not kept. */
  const key = (): Promise<Buffer> => {
    const asked = known ?? find();
    known = asked;
    asked.catch(() => {
      if (known === asked) known = undefined;
    });
    return asked;
  };

  const digest = async (purpose: 'account' | 'word', tenant: string, text: string): Promise<string> =>
    inBase32(
      createHmac('sha256', await key())
        .update(JSON.stringify([purpose, tenant, text]))
        .digest(),
      DIGEST_CHARACTERS,
    );

  const digests: SearchDigests = {
    load: async () => void (await key()),
    account: async (tenant, accountId) => await digest('account', tenant, plainAccount(accountId)),
    words: async (tenant, text) =>
      await Promise.all(wordsOf(text).map(async (word) => await digest('word', tenant, word))),
    connection: async (tenant, { name, account }) => ({
      name: name === null ? [] : await digests.words(tenant, name),
      account: account && (await digests.account(tenant, account.id)),
    }),
  };
  return digests;
}

/** People write account ids with spaces and hyphens, and in capitals. */
const plainAccount = (id: string): string => id.normalize('NFKC').toLowerCase().replaceAll(/[\s-]/g, '');

/** Letters and digits, however they are written; everything else separates words. */
function wordsOf(text: string): readonly string[] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return [...new Set(words)].slice(0, MOST_WORDS);
}
