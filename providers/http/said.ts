/** What a cloud says in the body of an error. */
export interface Said {
  readonly code: string | undefined;
  readonly message: string | undefined;
}

/** Longer bodies are pages or lists, and say nothing of the kind. */
const LONGEST_BODY = 64 * 1024;

const nothing: Said = { code: undefined, message: undefined };

/**
 * The error code and the words in an error's body, in the forms that clouds use: OAuth (RFC 6749, 5.2), `{error: {code,
 * message, status}}`, `{code, message}`, `{class, message}`, `{__type, message}`, and XML with `Code` and `Message`.
 * Whatever else it holds is left alone.
 */
export function saidIn(body: string): Said {
  if (body.length > LONGEST_BODY) return nothing;
  const text = body.trimStart();
  if (text.startsWith('<')) return saidInXml(text);
  try {
    return saidInJson(JSON.parse(text));
  } catch {
    return nothing;
  }
}

export function saidInJson(body: unknown): Said {
  const reply: unknown = Array.isArray(body) ? body[0] : body;
  if (!isObject(reply)) return nothing;
  const { error, error_description } = reply;
  if (isObject(error)) return { code: textIn(error, 'status', 'code'), message: textIn(error, 'message') };
  if (typeof error === 'string' && error !== '') {
    const message = typeof error_description === 'string' ? error_description : undefined;
    // One OAuth error stands for many causes; where the description begins with a number of the cloud's own, it says which.
    const number = /^[A-Z]{3,10}\d{3,}(?=:)/.exec(message ?? '')?.[0];
    return { code: number === undefined ? error : `${error} ${number}`, message };
  }
  const type = textIn(reply, '__type')?.split('#').at(-1);
  return {
    code: type ?? textIn(reply, 'code', 'Code', 'errorCode', 'class'),
    message: textIn(reply, 'message', 'Message'),
  };
}

const saidInXml = (text: string): Said => ({ code: elementIn(text, 'Code'), message: elementIn(text, 'Message') });

const elementIn = (text: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1]?.trim() || undefined;

/** The first of the fields that has text. */
function textIn(object: Readonly<Record<string, unknown>>, ...names: readonly string[]): string | undefined {
  const texts = names.map((name) => object[name]);
  return texts.find((text): text is string => typeof text === 'string' && text !== '');
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
