import type {
  ProviderManifest,
  RegionManifest,
  FormMethodManifest,
  FormVariant,
  MethodManifest,
} from '../../providers/manifests/types.ts';
import { manifests } from '../../providers/manifests/all.ts';
import { variables, type Variable } from '../../platform/config/variables.ts';
import { between, code, hashComment, prettyMarkdown, table } from './markdown.ts';
import { cli } from './cli.ts';
import type { Generator } from './generator.ts';
import { capacity } from './capacity.ts';
import { licences } from './licences.ts';
import { metrics } from './metrics.ts';
import { openapi } from './openapi.ts';
import { resources } from './resources.ts';

const own: readonly Variable[] = Object.values(variables);

/** `docs/configuration.md` has every variable, `README.md` those that production requires. */
const configuration: Generator = {
  async generate(current) {
    const reference = [ownTable(own), ...manifests.map(providerSection)].join('\n\n');
    const required = own.filter((variable) => variable.required !== undefined);
    const summary = [ownTable(required), waysTable(manifests)].join('\n\n');
    return [await fill('docs/configuration.md', reference), await fill('README.md', summary)];
    async function fill(path: string, content: string) {
      return { path, text: await prettyMarkdown(between(current(path), 'configuration', content)) };
    }
  },
};

export function ownTable(rows: readonly Variable[]): string {
  return table(
    ['Variable', 'What it is', 'Default', 'Required by'],
    rows.map((variable) => [
      [variable.name, ...(variable.aliases ?? [])].map(code).join(' or '),
      `${variable.description}${variable.secret ? ' **Secret.**' : ''}`,
      code(variable.default ?? ''),
      (variable.required ?? []).join(', '),
    ]),
  );
}

/** What each way into each cloud needs of the operator, by region; nothing where the customer submits all of it. */
export function waysTable(providers: readonly ProviderManifest[]): string {
  const needs = (region: RegionManifest, roles: readonly string[]) =>
    roles.map((role) => code(region.settings[role]?.names[0] ?? role)).join(', ');
  return table(
    ['Cloud', 'Way in', 'Needs', 'Redirect URI'],
    providers.flatMap(({ name, regions, methods }) =>
      methods.map((method) => {
        const byRegion = regions.map((region) => `${region.id}: ${needs(region, method.requires)}`);
        const all = regions.length === 1 ? needs(regions[0] as RegionManifest, method.requires) : byRegion.join('; ');
        return [
          name,
          method.name,
          method.requires.length === 0 ? 'nothing' : all,
          method.flow === 'redirect' ? code(method.callbackPath) : '',
        ];
      }),
    ),
  );
}

/** Everything that a provider reads: its switch, each region's settings, and the URLs that may be overridden. */
export function providerSection(provider: ProviderManifest): string {
  const urls = provider.regions.flatMap((region) =>
    Object.entries(region.urls).map(([role, { url, variable }]) => [
      code(variable),
      `${region.id}, ${role}`,
      code(url),
    ]),
  );
  return [
    providerSettings(provider),
    `URLs of ${provider.name}, for sovereign clouds and tests:`,
    table(['Variable', 'For', 'Default'], urls),
  ].join('\n\n');
}

function providerSettings(provider: ProviderManifest): string {
  const enable = provider.enableVariables.map(code).join(' or ');
  return [
    `### ${provider.name}`,
    table(
      ['Variable', 'What it is', 'Default'],
      [
        [enable, `Set to \`false\` to switch the ${provider.name} connector off.`, code('true')],
        ...provider.regions.flatMap(regionRows),
        ...(provider.programs ?? []).map(({ name, variable, description }) => [
          code(variable),
          description,
          code(name),
        ]),
      ],
    ),
  ].join('\n\n');
}

const regionRows = (region: RegionManifest): string[][] =>
  Object.values(region.settings).map((setting) => [
    setting.names.map(code).join(' or '),
    `${setting.description}${setting.secret ? ' **Secret.**' : ''}`,
    code(setting.default ?? ''),
  ]);

/** `docs/providers.md`: which clouds there are, and which ways into each. */
const providers: Generator = {
  async generate(current) {
    const path = 'docs/providers.md';
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

/**
 * `.env.shared.example` and `.env.worker.example`: what each cloud needs of the operator, its secrets in a file of their
 * own. What is Mooring's own is written by hand.
 */
const environment: Generator = {
  generate(current) {
    const files = { '.env.shared.example': openSettings, '.env.worker.example': secretSettings };
    return Promise.resolve(
      Object.entries(files).map(([path, linesOf]) => {
        const sections = manifests.flatMap((manifest) => environmentSection(manifest, linesOf(manifest)));
        return { path, text: between(current(path), 'clouds', sections.join('\n\n'), hashComment) };
      }),
    );
  },
};

const ENVIRONMENT_COLUMNS = 120;

function environmentSection({ name }: ProviderManifest, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [[`# --- ${name} `.padEnd(ENVIRONMENT_COLUMNS, '-'), '', ...lines].join('\n')];
}

const openSettings = (manifest: ProviderManifest): string[] => [
  ...settingLines(manifest, false),
  hashComment('Switches the connector off:'),
  `#${manifest.enableVariables[0]}=false`,
];

const secretSettings = (manifest: ProviderManifest): string[] => settingLines(manifest, true);

const settingLines = ({ regions }: ProviderManifest, isSecret: boolean): string[] =>
  regions
    .flatMap(({ settings }) => Object.values(settings))
    .filter(({ secret = false }) => secret === isSecret)
    .flatMap(({ names, description, default: value = '' }) => [hashComment(description), `#${names[0]}=${value}`]);

/** The description in `package.json` names the clouds. */
const packageDescription: Generator = {
  generate(current) {
    const path = 'package.json';
    const names = new Intl.ListFormat('en').format(manifests.map(({ name }) => name));
    const description = `Keeps cloud connections alive: durable onboarding, refresh and discovery for accounts of ${names}.`;
    const text = current(path).replace(
      /^( {2}"description": ).*(?=,$)/m,
      (_, key) => `${key}${JSON.stringify(description)}`,
    );
    return Promise.resolve([{ path, text }]);
  },
};

/** `npm run generate` runs all of them, `npm run check` compares. */
export const generators: readonly Generator[] = [
  capacity,
  cli,
  configuration,
  environment,
  licences,
  metrics,
  openapi,
  packageDescription,
  providers,
  resources,
];
