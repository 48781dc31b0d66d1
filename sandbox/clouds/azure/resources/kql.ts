import type { JsonObject } from '../../../../platform/json.ts';

/** A query of Resource Graph that the simulation understands: the part of KQL that lists of resources need. */
export interface Kql {
  readonly text: string;
  /** In lower case. */
  readonly types: readonly string[];
  readonly isLeftOut: (row: JsonObject) => boolean;
  readonly project: (row: JsonObject) => JsonObject;
  /** Without an order by a column that is unique, and without that column, no token for a next page comes. */
  readonly hasPages: boolean;
}

type Read = (row: JsonObject) => unknown;

/** Undefined where the simulation does not understand the query. */
export function parseKql(text: string): Kql | undefined {
  const [table, ...clauses] = text.split('|').map((clause) => clause.trim());
  if (table?.toLowerCase() !== 'resources') return undefined;
  let types: readonly string[] = [];
  let isLeftOut: Kql['isLeftOut'] = () => false;
  let columns: readonly (readonly [string, Read])[] = [];
  let hasPages = false;
  for (const clause of clauses) {
    const wanted = /^where type in~ \(([^()]*)\)$/.exec(clause);
    const without = /^where not\(type =~ '([^']+)' and name =~ '([^']+)'\)$/.exec(clause);
    const projected = /^project (.+)$/s.exec(clause);
    if (wanted) {
      types = (wanted[1] ?? '').split(',').map((type) => type.trim().replaceAll("'", '').toLowerCase());
    } else if (without) {
      const [, type, name] = without.map((part) => part.toLowerCase());
      isLeftOut = (row) => lower(row['type']) === type && lower(row['name']) === name;
    } else if (projected) {
      const read = splitAtCommas(projected[1] ?? '').map(columnOf);
      if (!read.every((column) => column !== undefined)) return undefined;
      columns = read;
    } else if (/^order by id asc$/.test(clause)) {
      hasPages = columns.some(([name]) => name === 'id');
    } else {
      return undefined;
    }
  }
  const project = (row: JsonObject) => Object.fromEntries(columns.map(([name, read]) => [name, read(row) ?? null]));
  return { text, types, isLeftOut, project: project as Kql['project'], hasPages };
}

const lower = (value: unknown): string => (typeof value === 'string' ? value.toLowerCase() : '');

function columnOf(text: string): readonly [string, Read] | undefined {
  const [, name = '', expression] = /^(\w+)(?:=(.+))?$/s.exec(text.trim()) ?? [];
  const read = expression === undefined ? at(name) : expressionOf(expression.trim());
  return name === '' || !read ? undefined : [name, read];
}

function expressionOf(text: string): Read | undefined {
  const [, called, inside = ''] = /^(\w+)\((.*)\)$/s.exec(text) ?? [];
  const parts = splitAtCommas(inside).map((part) => (called === undefined ? undefined : expressionOf(part.trim())));
  const [first] = parts;
  switch (called) {
    case undefined:
      return /^[A-Za-z][\w.]*$/.test(text) ? at(text) : undefined;
    case 'tostring':
      return first && ((row) => asText(first(row)));
    case 'toint':
      return first && ((row) => (typeof first(row) === 'number' ? Math.trunc(first(row) as number) : null));
    case 'coalesce':
      // It needs two values at least; of texts, the first that is not empty.
      if (parts.length < 2 || !parts.every((part) => part !== undefined)) return undefined;
      return (row) => parts.map((part) => part(row)).find((value) => value !== null && value !== '') ?? '';
    default:
      return undefined;
  }
}

const asText = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

const at =
  (path: string): Read =>
  (row) =>
    path
      .split('.')
      .reduce<unknown>(
        (found, name) => (typeof found === 'object' && found !== null ? (found as JsonObject)[name] : undefined),
        row,
      );

/** At those that stand in no parentheses. */
function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) {
      parts.push(part);
      part = '';
    } else {
      part += character;
    }
  }
  return [...parts, part];
}
