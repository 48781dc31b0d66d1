import { isRow, type Value } from './json.ts';

/** Block style, keys in order, lists at the indentation of their key: what the program's YAML library writes. */
export function yaml(value: Value): string {
  return `${lines(value).join('\n')}\n`;
}

function lines(value: Value): string[] {
  if (Array.isArray(value)) {
    if (value.length === 0) return ['[]'];
    return value.flatMap((element) => lines(element).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`)));
  }
  if (!isRow(value)) return [scalar(value)];
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return ['{}'];
  return entries.flatMap(([key, inner]) => {
    const nested = lines(inner);
    if (Array.isArray(inner) && inner.length > 0) return [`${scalar(key)}:`, ...nested];
    if (isRow(inner) && Object.keys(inner).length > 0) return [`${scalar(key)}:`, ...nested.map((line) => `  ${line}`)];
    return [`${scalar(key)}: ${nested[0] ?? ''}`];
  });
}

const AMBIGUOUS =
  /^$|^[\s\-?:,[\]{}#&*!|>'"%@`]|: |:$| #|\s$|^(true|false|yes|no|on|off|null|~)$|^[-+]?[\d_]*\.?\d*(e[-+]?\d+)?$|^\d{4}-\d\d?-\d\d?([Tt ]|$)/i;

function scalar(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value);
  return AMBIGUOUS.test(value) ? JSON.stringify(value) : value;
}
