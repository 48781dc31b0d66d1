// Values, errors and log lines, printed as the Go program prints them.

export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };
export type Row = { [key: string]: Value };

const ESCAPED: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** JSON as Go's encoder writes it: keys of maps in byte order, HTML characters escaped. */
export function goJson(value: unknown, indent = 0): string {
  return JSON.stringify(inKeyOrder(value), null, indent).replace(/[<>&\u2028\u2029]/g, (found) => ESCAPED[found] ?? '');
}

function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, inKeyOrder(inner)]),
  );
}

export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A string as Go's `%q` quotes it. */
export const quoted = (text: string): string => JSON.stringify(text);

/** A value as Go's `%v` prints it. */
export function goText(value: Value): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isRow(value)) return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, inner]) => `${key}:${goText(inner)}`).join(' ')}]`;
}

/** An error with its cause, as Go's `%s: %w`. */
export const because = (what: string, cause: unknown): Error => new Error(`${what}: ${reasonOf(cause)}`, { cause });

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Adds to an error what was being done. */
export async function doing<T>(what: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw because(what, error);
  }
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A line on stderr as Go's log package writes it: local time, no time zone. */
export function log(text: string): void {
  const now = new Date();
  const day = `${now.getFullYear()}/${two(now.getMonth() + 1)}/${two(now.getDate())}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':');
  process.stderr.write(`${day} ${time} ${text}${text.endsWith('\n') ? '' : '\n'}`);
}
