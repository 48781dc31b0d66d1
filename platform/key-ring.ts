import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * What a derived key is for. Each purpose gets a key of its own (HKDF-SHA256, RFC 5869), so that a value
 * sealed for one purpose can never be opened, or passed off, as another.
 */
export type KeyPurpose =
  'payload' | 'envelope' | 'oauth-state' | 'invitation' | 'browser' | 'cursor' | 'embedded-store';

const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;

export class KeyRingError extends Error {
  override readonly name = 'KeyRingError';
}

interface RootKey {
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * An ordered set of 256-bit root keys. The first seals; all of them open, so that a key is rotated by putting a
 * new one in front and removing the old one after the longest retention has passed.
 */
export class KeyRing {
  readonly #keys: readonly RootKey[];
  readonly #derived = new Map<string, Buffer>();

  constructor(keys: readonly RootKey[]) {
    if (keys.length === 0) throw new KeyRingError('The key ring is empty: give at least one key.');
    if (new Set(keys.map((key) => key.id)).size !== keys.length) {
      throw new KeyRingError('The key ring names the same key id twice: every id must be unique.');
    }
    this.#keys = keys;
  }

  /** Parses `id:base64,id:base64,…` (32 bytes each), the form of `MOORING_KEYS`. Never quotes what it was given. */
  static parse(text: string): KeyRing {
    const keys = text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part, index) => {
        const colon = part.indexOf(':');
        const id = part.slice(0, Math.max(colon, 0));
        const bytes = Buffer.from(part.slice(colon + 1), 'base64');
        if (!KEY_ID.test(id) || bytes.length !== 32) {
          throw new KeyRingError(
            `Key ${index + 1} of the key ring is not "id:base64" with 32 bytes. Make one with: echo "k1:$(openssl rand -base64 32)"`,
          );
        }
        return { id, bytes };
      });
    return new KeyRing(keys);
  }

  static generate(id = 'k1'): string {
    return `${id}:${randomBytes(32).toString('base64')}`;
  }

  get currentKeyId(): string {
    return this.#first().id;
  }

  /** AES-256-GCM. Answers `keyId.base64url(iv ‖ tag ‖ ciphertext)`; `context` is authenticated, not stored. */
  seal(purpose: KeyPurpose, plaintext: Uint8Array | string, context: string): string {
    const { keyId, bytes } = this.sealBytes(purpose, plaintext, context);
    return `${keyId}.${bytes.toString('base64url')}`;
  }

  /** Opens what {@link seal} made. Throws {@link KeyRingError} for an unknown key, another context or a changed byte. */
  open(purpose: KeyPurpose, sealed: string, context: string): Buffer {
    const dot = sealed.indexOf('.');
    return this.openBytes(purpose, sealed.slice(0, dot), Buffer.from(sealed.slice(dot + 1), 'base64url'), context);
  }

  sealBytes(purpose: KeyPurpose, plaintext: Uint8Array | string, context: string): { keyId: string; bytes: Buffer } {
    const key = this.#first();
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#derive(key, purpose), iv);
    cipher.setAAD(Buffer.from(context));
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return { keyId: key.id, bytes: Buffer.concat([iv, cipher.getAuthTag(), ciphertext]) };
  }

  openBytes(purpose: KeyPurpose, keyId: string, sealed: Uint8Array, context: string): Buffer {
    const key = this.#keys.find((candidate) => candidate.id === keyId);
    if (!key)
      throw new KeyRingError(`The key ring has no key "${keyId}": add it back until nothing sealed with it is left.`);
    const iv = sealed.subarray(0, IV_BYTES);
    const tag = sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#derive(key, purpose), iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    } catch (cause) {
      throw new KeyRingError('A sealed value could not be opened: it was changed, or sealed for another purpose.', {
        cause,
      });
    }
  }

  /** The current key derived for one purpose, for signers that bring their own algorithm (RFC 7515 HS256). */
  signingKeys(purpose: KeyPurpose): { keyId: string; key: Buffer }[] {
    return this.#keys.map((key) => ({ keyId: key.id, key: this.#derive(key, purpose) }));
  }

  /** A keyed digest under the current key, hex; for values that must be recognised again but never read. */
  digest(purpose: KeyPurpose, text: string): string {
    return createHmac('sha256', this.#derive(this.#first(), purpose)).update(text).digest('hex');
  }

  /** True when `digest` was made from `text` by any key of the ring. Constant time in the digest. */
  matches(purpose: KeyPurpose, text: string, digest: string): boolean {
    const given = Buffer.from(digest, 'hex');
    return this.#keys.some((key) => {
      const own = createHmac('sha256', this.#derive(key, purpose)).update(text).digest();
      return own.length === given.length && timingSafeEqual(own, given);
    });
  }

  /** One value for each key, safe to store: equal values prove that two processes hold the same key. */
  checkValues(): Record<string, string> {
    return Object.fromEntries(
      this.#keys.map((key) => [key.id, createHmac('sha256', key.bytes).update('mooring key check').digest('hex')]),
    );
  }

  #first(): RootKey {
    const [key] = this.#keys;
    if (!key) throw new KeyRingError('The key ring is empty: give at least one key.');
    return key;
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
