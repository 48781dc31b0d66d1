import type { Check } from './check.ts';
import { runTool } from './tool.ts';

/** Files, exports and dependencies that nothing uses, as `knip.json` has its entry points. */
export const deadCode: Check = {
  name: 'dead-code',
  async run({ root }) {
    const result = await runTool('knip', ['--no-progress', '--no-config-hints', '--reporter', 'json'], root);
    if (result.ok) return { problems: [] };
    if (!result.stdout.startsWith('{')) return { problems: [`knip did not run: ${result.output}`] };
    const { issues } = JSON.parse(result.stdout) as KnipReport;
    return { problems: issues.flatMap(sentences) };
  },
};

/** By kind of issue, beside `file`: what knip found there. Duplicates and cycles come as groups. */
type KnipReport = { readonly issues: readonly (Record<string, unknown> & { readonly file: string })[] };

const words: Record<string, string> = {
  files: 'no entry point reaches this file',
  dependencies: 'unused dependency',
  devDependencies: 'unused development dependency',
  exports: 'unused export',
  types: 'unused exported type',
  unlisted: 'imported but not in package.json:',
  unresolved: 'leads nowhere:',
  duplicates: 'exported twice:',
};

function sentences({ file, ...kinds }: KnipReport['issues'][number]): string[] {
  return Object.entries(kinds).flatMap(([kind, found]) =>
    (Array.isArray(found) ? found.flat() : []).map((item: { name: string; line?: number }) => {
      const where = item.line === undefined ? file : `${file}:${item.line}`;
      return kind === 'files' ? `${where}: ${words[kind]}` : `${where}: ${words[kind] ?? kind} ${item.name}`;
    }),
  );
}
