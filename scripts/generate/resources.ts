import { manifests } from '../../providers/manifests/all.ts';
import type { ProviderManifest } from '../../providers/manifests/types.ts';
import type { Generator } from './generator.ts';
import { between, code, prettyMarkdown, table } from './markdown.ts';

/** `docs/resources.md`: what is listed of each cloud, and what never can be. */
export const resources: Generator = {
  async generate(current) {
    const path = 'docs/resources.md';
    const content = [kindsTable(manifests), cannotTable(manifests)].join('\n\n');
    return [{ path, text: await prettyMarkdown(between(current(path), 'kinds', content)) }];
  },
};

export function kindsTable(providers: readonly ProviderManifest[]): string {
  return table(
    ['Cloud', 'Kind', 'What it is', 'Listed', 'Rights that it needs'],
    providers.flatMap(({ name, discovery }) =>
      (discovery?.kinds ?? []).map(({ id, label, scope, needs }) => [
        name,
        code(id),
        label,
        scope === 'account' ? 'for the account' : `in each ${discovery?.projectKind ?? 'project'}`,
        needs.map(code).join(', '),
      ]),
    ),
  );
}

/** Empty where every method can list every kind. */
export function cannotTable(providers: readonly ProviderManifest[]): string {
  const rows = providers.flatMap(({ name, methods, discovery }) =>
    methods.flatMap((method) =>
      Object.entries(method.cannotList ?? {}).map(([kind, why]) => {
        const label = discovery?.kinds.find(({ id }) => id === kind)?.label ?? kind;
        return [name, method.name, label, why];
      }),
    ),
  );
  if (rows.length === 0) return '';
  return ['What credentials of a method can never list:', table(['Cloud', 'Method', 'Kind', 'Why'], rows)].join('\n\n');
}
