import type { Resource } from './schema.ts';

const columns = [
  'connection',
  'kind',
  'project',
  'id',
  'name',
  'region',
  'status',
  'url',
  'source',
  'summary',
] as const;

/** What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"); full-width forms included. */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

export const csvHeader = `${columns.join(',')}\r\n`;

/**
 * One record (RFC 4180): every field in quotes, a CRLF at its end. Names are the cloud's customers' own: a field that
 * would be run as a formula begins with an apostrophe instead.
 */
export function csvRecord(resource: Resource): string {
  const fields = columns.map((column) => {
    const value = resource[column];
    return quoted(typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? ''));
  });
  return `${fields.join(',')}\r\n`;
}

const quoted = (text: string): string => `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
