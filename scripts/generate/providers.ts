import type {
  FormMethodManifest,
  FormVariant,
  MethodManifest,
  ProviderManifest,
} from '../../providers/manifests/types.ts';
import { manifests } from '../../providers/manifests/all.ts';
import type { Generator } from './generator.ts';
import { between, code, prettyMarkdown, table } from './markdown.ts';

const path = 'docs/providers.md';

/** `docs/providers.md`: which clouds there are, and which ways into each. */
export const providers: Generator = {
  async generate(current) {
    return [{ path, text: await prettyMarkdown(between(current(path), 'providers', providersTable(manifests))) }];
  },
};

export function providersTable(all: readonly ProviderManifest[]): string {
  return table(
    ['Provider', 'Regions', 'Method', 'What the customer does', 'Callback', 'Refresh tokens rotate', 'Discovery'],
    all.flatMap((provider) => provider.methods.map((method) => row(provider, method))),
  );
}

function row(provider: ProviderManifest, method: MethodManifest): string[] {
  return [
    `${provider.name} (${code(provider.id)})`,
    provider.regions.map(({ id }) => code(id)).join(', '),
    code(method.id),
    method.flow === 'redirect' ? 'signs in at the cloud' : `gives ${asked(method)}`,
    method.flow === 'redirect' ? code(method.callbackPath) : '',
    yes(method.rotatesRefreshTokens),
    yes(method.discovers),
  ];
}

function asked({ fields, variants = [{ fields: [] }] }: Pick<FormMethodManifest, 'fields'> & Variants): string {
  const labels = variants.map((variant) => [...fields, ...variant.fields].map(({ label }) => label).join(', '));
  return labels.join('; or ') || 'nothing';
}

interface Variants {
  readonly variants?: readonly Pick<FormVariant, 'fields'>[];
}

const yes = (value: boolean): string => (value ? 'yes' : 'no');
