import { goText, isRow, type Row, type Value } from './json.ts';

/**
 * The part of the gval language that lists are filtered and formatted with in practice: fields, literals, arrays,
 * objects, comparisons, `&&`, `||`, `!`. Anything beyond is refused, in the words of gval's parse errors.
 */
export type Evaluate = (row: Row) => Value;

const TOKEN = /\s*(==|!=|<=|>=|=~|&&|\|\||[<>!()[\]{},:]|"(?:[^"\\]|\\.)*"|'[^']*'|\d+(?:\.\d+)?|[A-Za-z_][\w.-]*)/y;

export function compile(text: string): Evaluate {
  const tokens = tokenise(text);
  let at = 0;
  const peek = (): string | undefined => tokens[at];
  const expect = (token: string): void => {
    if (tokens[at++] !== token) throw parseError(text);
  };

  const primary = (): Evaluate => {
    const token = tokens[at++];
    if (token === undefined) throw parseError(text);
    if (token === '!') return negate(primary());
    if (token === '(') return closing(or(), ')');
    if (token === '[') return array();
    if (token === '{') return object();
    if (/^["']/.test(token))
      return constant(token.startsWith('"') ? (JSON.parse(token) as string) : token.slice(1, -1));
    if (/^\d/.test(token)) return constant(Number(token));
    if (token === 'true' || token === 'false') return constant(token === 'true');
    if (token === 'nil' || token === 'null') return constant(null);
    return (row) => field(row, token);
  };
  const closing = (inner: Evaluate, token: string): Evaluate => {
    expect(token);
    return inner;
  };
  const array = (): Evaluate => {
    const elements: Evaluate[] = [];
    while (peek() !== ']') {
      elements.push(or());
      if (peek() === ',') at++;
    }
    return closing((row) => elements.map((element) => element(row)), ']');
  };
  const object = (): Evaluate => {
    const entries: [Evaluate, Evaluate][] = [];
    while (peek() !== '}') {
      const key = or();
      expect(':');
      entries.push([key, or()]);
      if (peek() === ',') at++;
    }
    return closing((row) => Object.fromEntries(entries.map(([key, value]) => [goText(key(row)), value(row)])), '}');
  };
  const binary = (operand: () => Evaluate, operators: readonly string[]) => (): Evaluate => {
    let left = operand();
    while (operators.includes(peek() ?? '')) {
      const [operator, before, after] = [tokens[at++] ?? '', left, operand()];
      left = (row) => apply(operator, before(row), () => after(row));
    }
    return left;
  };
  const comparison = binary(primary, ['==', '!=', '<', '<=', '>', '>=', '=~']);
  const and = binary(comparison, ['&&']);
  const or = binary(and, ['||']);

  const compiled = or();
  if (at < tokens.length) throw parseError(text);
  return compiled;
}

function tokenise(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const found = TOKEN.exec(text)?.[1];
    if (found === undefined) throw parseError(text);
    tokens.push(found);
  }
  return tokens;
}

function parseError(text: string): Error {
  const end = `1:${text.length + 1}`;
  return new Error(`parsing error: ${text}\t:${end} - ${end} unexpected EOF while scanning extensions`);
}

const constant =
  (value: Value): Evaluate =>
  () =>
    value;
const negate =
  (inner: Evaluate): Evaluate =>
  (row) =>
    inner(row) !== true;

export function field(row: Row, path: string): Value {
  return path.split('.').reduce<Value>((value, name) => (isRow(value) ? (value[name] ?? null) : null), row);
}

function apply(operator: string, left: Value, right: () => Value): Value {
  switch (operator) {
    case '&&':
      return left === true && right() === true;
    case '||':
      return left === true || right() === true;
    case '==':
      return JSON.stringify(left) === JSON.stringify(right());
    case '!=':
      return JSON.stringify(left) !== JSON.stringify(right());
    case '=~':
      return new RegExp(goText(right())).test(goText(left));
    default:
      return compare(operator, left, right());
  }
}

function compare(operator: string, left: Value, right: Value): boolean {
  if (left === null || right === null) return false;
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}
