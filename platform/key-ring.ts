import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { looksRandom } from './key-strength.ts';

/**
 * What a derived key is for. Each purpose gets a key of its own (HKDF-SHA256, RFC 5869), so that a value that was
 * sealed for one purpose can never be opened, or accepted, for another.
 */
export type KeyPurpose =
  | 'payload'
  | 'envelope'
  | 'oauth-state'
  | 'invitation'
  | 'browser'
  | 'cursor'
  | 'embedded-store'
  | 'ephemeral-store'
  | 'audit';

const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;
/**
 * A retired key still verifies these: customers hold links that were signed with it, for up to 90 days, and the audit
 * record keeps the lines of that time.
 */
const VERIFIED_BY_RETIRED: readonly KeyPurpose[] = ['invitation', 'browser', 'audit'];

export class KeyRingError extends Error {
  override readonly name = 'KeyRingError';
  /**
   * - `invalid`     the text is not a key ring
   * - `unknown_key` the value was sealed with a key that this ring does not have: adding the key solves it
   * - `unopenable`  the ring has the key, but the value does not open with it, and never will
   */
  readonly code: 'invalid' | 'unknown_key' | 'unopenable';

  constructor(code: KeyRingError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

interface RootKey {
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * An ordered set of 256-bit root keys. The first seals, all of them open. A key is rotated in three steps (see
 * docs/production.md): added behind, moved to the front, and the old one retired. A retired key seals and opens
 * nothing; it verifies the links that were signed with it until they have expired.
 */
export class KeyRing {
  readonly #keys: readonly [RootKey, ...RootKey[]];
  readonly #retired: readonly RootKey[];
  readonly #derived = new Map<string, Buffer>();

  constructor(keys: readonly RootKey[], retired: readonly RootKey[] = []) {
    const [first, ...others] = keys;
    if (!first) throw new KeyRingError('invalid', 'The key ring is empty: give at least one key.');
    const all = [...keys, ...retired];
    if (new Set(all.map((key) => key.id)).size !== all.length) {
      throw new KeyRingError('invalid', 'The key ring names the same key id twice: every id must be unique.');
    }
    this.#keys = [first, ...others];
    this.#retired = retired;
  }

  /**
   * Parses `id:base64,id:base64,…` (32 bytes each), the form of `MOORING_KEYS` and of `MOORING_RETIRED_KEYS`. Errors
   * never quote the text.
   */
  static parse(text: string, retired = ''): KeyRing {
    return new KeyRing(parseKeys(text), parseKeys(retired));
  }

  static generate(id = 'k1'): string {
    return `${id}:${randomBytes(32).toString('base64')}`;
  }

  /** The id of the key that seals. */
  get currentKeyId(): string {
    return this.#keys[0].id;
  }

  /** The ids of all keys that open, the current one first. */
  get keyIds(): readonly string[] {
    return this.#keys.map(({ id }) => id);
  }

  /** The ids of the keys that verify links only. */
  get retiredKeyIds(): readonly string[] {
    return this.#retired.map(({ id }) => id);
  }

  /** The ids of the keys, retired ones too, that were not made at random and can be guessed. */
  get weakKeyIds(): readonly string[] {
    return [...this.#keys, ...this.#retired].filter(({ bytes }) => !looksRandom(bytes)).map(({ id }) => id);
  }

  /** AES-256-GCM. Answers `keyId.base64url(iv ‖ tag ‖ ciphertext)`; `context` is authenticated, not stored. */
  seal(purpose: KeyPurpose, plaintext: Uint8Array | string, context: string): string {
    const { keyId, bytes } = this.sealBytes(purpose, plaintext, context);
    return `${keyId}.${bytes.toString('base64url')}`;
  }

  /**
   * Opens what {@link seal} made. Throws {@link KeyRingError} for an unknown key, another context or a changed byte.
   */
  open(purpose: KeyPurpose, sealed: string, context: string): Buffer {
    const dot = sealed.indexOf('.');
    return this.openBytes(purpose, sealed.slice(0, dot), Buffer.from(sealed.slice(dot + 1), 'base64url'), context);
  }

  sealBytes(purpose: KeyPurpose, plaintext: Uint8Array | string, context: string): { keyId: string; bytes: Buffer } {
    const [key] = this.#keys;
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#derive(key, purpose), iv);
    cipher.setAAD(Buffer.from(context));
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return { keyId: key.id, bytes: Buffer.concat([iv, cipher.getAuthTag(), ciphertext]) };
  }

  openBytes(purpose: KeyPurpose, keyId: string, sealed: Uint8Array, context: string): Buffer {
    const key = this.#keys.find((candidate) => candidate.id === keyId);
    if (!key) {
      if (!KEY_ID.test(keyId)) throw new KeyRingError('unopenable', 'A sealed value names no key: it was changed.');
      throw new KeyRingError(
        'unknown_key',
        `The key ring has no key "${keyId}": add it back until nothing sealed with it is left.`,
      );
    }
    const iv = sealed.subarray(0, IV_BYTES);
    const tag = sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#derive(key, purpose), iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    } catch (cause) {
      throw new KeyRingError(
        'unopenable',
        'A sealed value could not be opened: it was changed, or sealed for another purpose.',
        { cause },
      );
    }
  }

  /** The current key derived for one purpose, for signers that bring their own algorithm (RFC 7515 HS256). */
  signingKey(purpose: KeyPurpose): { keyId: string; key: Buffer } {
    const [key] = this.#keys;
    return { keyId: key.id, key: this.#derive(key, purpose) };
  }

  /**
   * The key that a signature names; a retired key too, for purposes that those verify. Undefined for an unknown key.
   */
  verifyingKey(purpose: KeyPurpose, keyId: string): Buffer | undefined {
    const key = this.#verifying(purpose).find(({ id }) => id === keyId);
    return key && this.#derive(key, purpose);
  }

  /** A keyed digest under the current key, hex; for values that must be recognised later but never read. */
  digest(purpose: KeyPurpose, text: string): string {
    return this.#digest(this.#keys[0], purpose, text).toString('hex');
  }

  /**
   * The digest under each key that opens, the current one first. During a rotation, another process may use another
   * key.
   */
  digests(purpose: KeyPurpose, text: string): readonly string[] {
    return this.#keys.map((key) => this.#digest(key, purpose, text).toString('hex'));
  }

  /** True when `digest` was made from `text` by a key that verifies for this purpose. Constant time in the digest. */
  matches(purpose: KeyPurpose, text: string, digest: string): boolean {
    return this.#verifying(purpose).some((key) => this.#isDigest(key, purpose, text, digest));
  }

  /** The same, where the key that made the digest is known by its id. Undefined where this ring does not have it. */
  matchesUnder(keyId: string, purpose: KeyPurpose, text: string, digest: string): boolean | undefined {
    const key = this.#verifying(purpose).find(({ id }) => id === keyId);
    return key && this.#isDigest(key, purpose, text, digest);
  }

  /** One value for each key that opens, safe to store: equal values prove that two processes hold the same key. */
  checkValues(): Record<string, string> {
    return checkValuesOf(this.#keys);
  }

  /** The same for the retired keys. */
  retiredCheckValues(): Record<string, string> {
    return checkValuesOf(this.#retired);
  }

  #verifying(purpose: KeyPurpose): readonly RootKey[] {
    return VERIFIED_BY_RETIRED.includes(purpose) ? [...this.#keys, ...this.#retired] : this.#keys;
  }

  #digest(key: RootKey, purpose: KeyPurpose, text: string): Buffer {
    return createHmac('sha256', this.#derive(key, purpose)).update(text).digest();
  }

  #isDigest(key: RootKey, purpose: KeyPurpose, text: string, digest: string): boolean {
    const given = Buffer.from(digest, 'hex');
    const own = this.#digest(key, purpose, text);
    return own.length === given.length && timingSafeEqual(own, given);
  }

  #derive(key: RootKey, purpose: KeyPurpose): Buffer {
    const name = `${key.id} ${purpose}`;
    let derived = this.#derived.get(name);
    if (!derived) {
      derived = Buffer.from(hkdfSync('sha256', key.bytes, 'mooring', purpose, 32));
      this.#derived.set(name, derived);
    }
    return derived;
  }
}

function parseKeys(text: string): RootKey[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part, index) => {
      const colon = part.indexOf(':');
      const id = part.slice(0, Math.max(colon, 0));
      const bytes = Buffer.from(part.slice(colon + 1), 'base64');
      if (!KEY_ID.test(id) || bytes.length !== 32) {
        throw new KeyRingError(
          'invalid',
          `Key ${index + 1} of the key ring is not "id:base64" with 32 bytes. Make one with: echo "k1:$(openssl rand -base64 32)"`,
        );
      }
      return { id, bytes };
    });
}

function checkValuesOf(keys: readonly RootKey[]): Record<string, string> {
  return Object.fromEntries(
    keys.map(({ id, bytes }) => [id, createHmac('sha256', bytes).update('mooring key check').digest('hex')]),
  );
}
