import { Type, type Static } from 'typebox';
import { plainTextPattern } from '../../contracts/plain-text.ts';
import { credentialFormatsOf } from '../../providers/manifests/credential-formats.ts';
import { missingForSignIn, type ProviderSettings } from '../../providers/manifests/settings.ts';
import type { DiscoveryManifest } from '../../providers/manifests/types.ts';
import { pausedProblem } from '../../stores/provider-pauses.ts';
import { asRedirect, type MethodOption } from '../connections/provider-catalog.ts';
import { missingAtWorkers, ownIdentity } from '../connections/setup.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { optionalBody } from '../http/plugins/json-body.ts';
import { principalOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { apiProblems } from '../http/problem.ts';
import { nullable } from '../http/schema.ts';

const ProviderStateSchema = Type.Object({
  state: Type.Enum(['ok', 'open', 'paused'], {
    description:
      'Whether Mooring calls this cloud. `open`: calls are held until the cloud answers again; `paused`: until an operator resumes them. Credentials that are still valid are handed out all the same.',
  }),
  since: nullable(Type.String(), 'Since when calls are held, ISO 8601.'),
  problem: nullable(
    Type.Object({
      code: Type.String(),
      message: Type.String(),
      remedy: Type.String(),
      link: Type.Optional(Type.String()),
    }),
    'Why calls are held.',
  ),
});

const OptionSchema = Type.Object({
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

const DiscoverySchema = Type.Object(
  {
    projectKind: nullable(
      Type.String({ description: 'The kind of the places that resources are listed in; null = there are none.' }),
    ),
    sources: Type.Record(Type.String(), Type.String(), { description: 'What the words in `source` of a row mean.' }),
    kinds: Type.Array(
      Type.Object({
        id: Type.String(),
        label: Type.String(),
        scope: Type.Enum(['account', 'project']),
        needs: Type.Array(Type.String(), {
          description: 'The rights that listing it needs, in the cloud’s own words.',
        }),
        grant: Type.String({ description: 'What to add at the cloud where one of them is missing.' }),
      }),
    ),
  },
  { description: 'What is listed of connected accounts.' },
);

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
      discovers: Type.Boolean({ description: 'Whether resources are listed with its credentials.' }),
      cannotList: Type.Array(Type.Object({ kind: Type.String(), why: Type.String() }), {
        description: 'Kinds of resources that its credentials can never list.',
      }),
    }),
  ),
  discovery: nullable(DiscoverySchema),
  ways: Type.Array(OptionSchema, { description: 'Each method in each region.' }),
});

const Providers = Type.Object({ items: Type.Array(ProviderSchema) });

export function registerProviders(app: App, deps: AppDependencies): void {
  registerListProviders(app, deps);
  registerProviderPause(app, deps);
}

function registerListProviders(app: App, deps: AppDependencies): void {
  const { providers, providerStates, config, ephemeral } = deps;

  app.get(
    '/v1/providers',
    {
      config: { access: ['connections:read', 'operator:providers'] },
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
      methods: manifest.methods.map((method) => ({
        id: method.id,
        name: method.name,
        flow: method.flow,
        asks: method.asks,
        credentialFormats: ['json', ...credentialFormatsOf(method).map((format) => format.id)],
        discovers: method.discovers,
        cannotList: Object.entries(method.cannotList ?? {}).map(([kind, why]) => ({ kind, why })),
      })),
      discovery: manifest.discovery ? discoveryReply(manifest.discovery) : null,
      ways: await Promise.all(ways.map(readiness)),
    };
  }

  async function readiness(option: MethodOption): Promise<Static<typeof OptionSchema>> {
    const missing =
      missingForSignIn(option.settings, option.region, option.method) ??
      (await missingAtWorkers(ephemeral, option)) ??
      (await withoutIdentity(option));
    return {
      region: option.region.manifest.id,
      method: option.method.id,
      ready: missing === undefined,
      missing: missing ? { ...missing, variables: [...missing.variables] } : null,
      redirectUri: asRedirect(option, config.publicUrl)?.redirectUri ?? null,
    };
  }

  async function withoutIdentity(option: MethodOption) {
    const own = await ownIdentity(ephemeral, option);
    return own.known ? undefined : own.missing;
  }
}

const discoveryReply = ({ projectKind, sources, kinds }: DiscoveryManifest): Static<typeof DiscoverySchema> => ({
  projectKind,
  sources: { ...sources },
  kinds: kinds.map(({ id, label, scope, needs, grant }) => ({ id, label, scope, needs: [...needs], grant })),
});

const Params = Type.Object({
  id: Type.String({ description: 'The id of the provider, as GET /v1/providers has it.' }),
});

const Body = Type.Object(
  {
    reason: Type.Optional(
      Type.Union([Type.String({ minLength: 1, maxLength: 200, pattern: plainTextPattern }), Type.Null()], {
        description: 'Shown wherever the pause is.',
      }),
    ),
  },
  { additionalProperties: false },
);

const Reply = Type.Object({ id: Type.String(), ...ProviderStateSchema.properties });

/** An operator pauses and resumes all calls to a cloud, for all tenants. Both are safe to repeat. */
function registerProviderPause(app: App, { providers, providerPauses, providerStates }: AppDependencies): void {
  app.post(
    '/v1/providers/:id/pause',
    {
      config: { access: 'operator:providers' },
      preValidation: optionalBody,
      schema: {
        operationId: 'pauseProvider',
        summary: 'Pauses all work with a cloud',
        description:
          'For all connections of the installation, within seconds. Nothing is lost: what falls due waits. Paused again, it gets the new reason.',
        tags: ['providers'],
        params: Params,
        body: Body,
        response: { 200: Reply, ...problemReplies(400, 401, 403, 404, 413, 415, 429, 503) },
      },
    },
    async (request) => {
      const id = known(request.params.id);
      const pause = await providerPauses.pause(id, request.body.reason ?? null);
      request.log.warn({ provider: id, reason: pause.reason, by: principalOf(request).id }, 'The provider was paused.');
      return { id, state: 'paused' as const, since: pause.since, problem: pausedProblem(id, pause) };
    },
  );

  app.post(
    '/v1/providers/:id/resume',
    {
      config: { access: 'operator:providers' },
      schema: {
        operationId: 'resumeProvider',
        summary: 'Resumes work with a cloud',
        description: 'What has waited comes back over a few minutes, not all at once.',
        tags: ['providers'],
        params: Params,
        response: { 200: Reply, ...problemReplies(401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const id = known(request.params.id);
      await providerPauses.resume(id);
      request.log.warn({ provider: id, by: principalOf(request).id }, 'The provider was resumed.');
      // The cloud itself may still be unavailable.
      return { id, ...(await providerStates.read(id)) };
    },
  );

  function known(id: string): string {
    const ids = providers.all.map(({ manifest }) => manifest.id);
    if (!ids.includes(id)) throw apiProblems.providerNotFound(ids);
    return id;
  }
}
