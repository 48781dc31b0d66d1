import { compile } from './expression.ts';
import { goJson, type Row } from './json.ts';
import { table } from './table.ts';
import { yaml } from './yaml.ts';

export interface OutputFormat {
  readonly json: boolean;
  readonly yaml: boolean;
  readonly format: string;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** A list; an empty one is `null` in JSON, as Go prints a slice that was never made. */
export function printRows(rows: readonly Row[], columns: readonly string[], output: OutputFormat): void {
  if (output.format !== '') {
    const evaluate = compile(output.format);
    for (const row of rows) print(goJson(evaluate(row)));
  } else if (output.yaml) print(yaml(rows.length === 0 ? null : [...rows]));
  else if (output.json) print(rows.length === 0 ? 'null' : goJson(rows, 2));
  else print(table(rows, columns));
}

/** One object. The real program fills a template where neither JSON nor YAML is asked for; here that is JSON too. */
export function printObject(object: Row, output: OutputFormat): void {
  if (output.format !== '') process.stdout.write(goJson(compile(output.format)(object)));
  else if (output.yaml) print(yaml(object));
  else print(goJson(object, 2));
}

/** Errors are told on stdout, in the format asked for. */
export function printError(message: string, output: OutputFormat): void {
  const text = `🛑 ${message}`;
  if (output.json) print(`{\n  "message": ${goJson(text)},\n  "error": true\n}`);
  else if (output.yaml) print(yaml({ error: true, message: text }));
  else print(text);
}
