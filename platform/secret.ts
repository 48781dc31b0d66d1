import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/**
 * A value that must not be printed. Every ordinary conversion to text gives `[redacted]`. Only {@link Secret.reveal}
 * gives the value, so that all uses are found by searching for one word.
 */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Call it at the last moment: in the request body, in the write to the store. */
  reveal(): T {
    return this.#value;
  }

  toJSON(): string {
    return REDACTED;
  }

  toString(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
