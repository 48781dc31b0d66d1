import { Type, type Static } from 'typebox';
import { missingFor, type ProviderSettings } from '../../providers/manifests/settings.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { ownIdentity } from '../connections/connection-setup.ts';
import { asRedirect, type Way } from '../connections/provider-catalog.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ProviderStateSchema } from './provider-state.ts';

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const WaySchema = Type.Object({
  region: Type.String(),
  method: Type.String(),
  ready: Type.Boolean(),
  missing: nullable(
    Type.Object(
      { code: Type.String(), message: Type.String(), remedy: Type.String(), variables: Type.Array(Type.String()) },
      { description: 'Why it is not ready, and the variables that the operator must set.' },
    ),
  ),
  redirectUri: nullable(Type.String({ description: 'To be registered at the cloud, to the letter.' })),
});

const ProviderSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  enabled: Type.Boolean(),
  ...ProviderStateSchema.properties,
  regionWord: Type.String({ description: 'What this cloud calls a region.' }),
  regions: Type.Array(Type.Object({ id: Type.String(), label: Type.String() })),
  methods: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      flow: Type.Enum(['redirect', 'form']),
      asks: Type.String({ description: 'What is asked of the customer, in plain words.' }),
      credentialFormats: Type.Array(Type.String(), { description: 'Ways of writing down a credential of it.' }),
    }),
  ),
  ways: Type.Array(WaySchema, { description: 'Each method in each region.' }),
});

const Providers = Type.Object({ items: Type.Array(ProviderSchema) });

export function registerProviders(app: App, deps: AppDependencies): void {
  const { providers, providerStates, config, ephemeral } = deps;

  app.get(
    '/v1/providers',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'listProviders',
        summary: 'Clouds that can be connected',
        description: 'What is ready, what is missing, and which variables to set; whether calls to a cloud are held.',
        tags: ['providers'],
        response: { 200: Providers, ...problemReplies(401, 403, 429, 503) },
      },
    },
    async () => ({ items: await Promise.all(providers.all.map(async (settings) => await described(settings))) }),
  );

  async function described(settings: ProviderSettings): Promise<Static<typeof ProviderSchema>> {
    const { manifest, enabled, regions } = settings;
    const ways = [...regions.values()].flatMap((region) =>
      manifest.methods.map((method) => ({ settings, manifest, region, method })),
    );
    return {
      id: manifest.id,
      name: manifest.name,
      enabled,
      ...(await providerStates.read(
        manifest.id,
        manifest.regions.map(({ id }) => id),
      )),
      regionWord: manifest.regionWord,
      regions: manifest.regions.map(({ id, label }) => ({ id, label })),
      methods: manifest.methods.map(({ id, name, flow, asks, credentialFormats = [] }) => ({
        id,
        name,
        flow,
        asks,
        credentialFormats: ['json', ...credentialFormats.map((format) => format.id)],
      })),
      ways: await Promise.all(ways.map(readiness)),
    };
  }

  async function readiness(way: Way): Promise<Static<typeof WaySchema>> {
    const missing = missingFor(way.settings, way.region, way.method) ?? (await withoutIdentity(way));
    return {
      region: way.region.manifest.id,
      method: way.method.id,
      ready: missing === undefined,
      missing: missing ? { ...missing, variables: [...missing.variables] } : null,
      redirectUri: asRedirect(way, config.publicUrl)?.redirectUri ?? null,
    };
  }

  async function withoutIdentity(way: Way) {
    const own = await ownIdentity(ephemeral, way);
    return own.known ? undefined : own.missing;
  }
}
