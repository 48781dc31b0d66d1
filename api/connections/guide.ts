import { Type, type Static } from 'typebox';
import type { FormField } from '../../providers/manifests/types.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ApiProblem } from '../http/problem.ts';
import { ConnectionParams, described } from '../http/schema.ts';
import type { MethodOption } from './provider-catalog.ts';

const FieldSchema = Type.Object(
  {
    name: Type.String({ description: 'As it is submitted.' }),
    label: Type.String(),
    hint: Type.String(),
    secret: Type.Boolean({ description: 'The form hides it while it is typed, and it is never shown.' }),
    required: Type.Boolean(),
    multiline: Type.Boolean(),
    pattern: Type.Union([Type.String(), Type.Null()], { description: 'A regular expression (ECMA-262, flag `v`).' }),
    options: Type.Union([Type.Array(Type.String()), Type.Null()], {
      description: 'To choose from; the first is the default.',
    }),
  },
  { description: 'One value that is asked for.' },
);

export const GuideSchema = Type.Object(
  {
    flow: Type.Enum(['redirect', 'form'], { description: 'Signs in at the cloud, or submits values here.' }),
    asks: Type.String({ description: 'What is asked of the customer, in plain words.' }),
    blocks: Type.Array(
      Type.Object({
        title: Type.String(),
        text: Type.String(),
        format: Type.Union([Type.Enum(['json', 'yaml', 'hcl', 'shell', 'url']), Type.Null()], {
          description: 'Null = text to read; else it is to be copied to the letter, or opened (`url`).',
        }),
      }),
      { description: 'What the customer does at the cloud first, with this connection’s own values filled in.' },
    ),
    fields: Type.Array(FieldSchema, { description: 'What is to be submitted; empty for a sign-in.' }),
    variants: Type.Array(
      Type.Object({ id: Type.String(), label: Type.String(), asks: Type.String(), fields: Type.Array(FieldSchema) }),
      { description: 'Where not empty: one of these sets is submitted besides, named by `variant`.' },
    ),
  },
  { $id: 'Guide', description: 'What a customer must know and give, so that a platform can show a page of its own.' },
);
export type Guide = Static<typeof GuideSchema>;

/** What a customer must know and give to complete a connection with this setup. Pure; nothing secret. */
export function guideOf({ method, region }: MethodOption, setup: Readonly<Record<string, string>>): Guide {
  const blocks = method.guide?.({ region: region.manifest.id, values: region.values, setup }) ?? [];
  return {
    flow: method.flow,
    asks: method.asks,
    blocks: blocks.map(({ title, text, format = null }) => ({ title, text, format })),
    fields: method.flow === 'form' ? method.fields.map(fieldReply) : [],
    variants:
      method.flow === 'form'
        ? (method.variants ?? []).map(({ id, label, asks, fields }) => ({
            id,
            label,
            asks,
            fields: fields.map(fieldReply),
          }))
        : [],
  };
}

function fieldReply(field: FormField): Guide['fields'][number] {
  const { name, label, hint, secret, required, multiline = false, pattern = null, options } = field;
  return { name, label, hint, secret, required, multiline, pattern, options: options ? [...options] : null };
}

/** The operator runs a version without this way of connecting, or the connection is older than its removal. */
export const methodUnknown = (view: { provider: string; region: string; method: string }): ApiProblem =>
  new ApiProblem({
    status: 409,
    code: 'method_unknown',
    message: `This version of Mooring does not know the method '${view.method}' of ${view.provider} (${view.region}).`,
    remedy: 'Deploy a version that knows it, or create a new connection with a method of GET /v1/providers.',
  });

export function registerGuide(app: App, { connections, providers }: AppDependencies): void {
  app.get(
    '/v1/connections/:id/guide',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'getGuide',
        summary: 'What the customer must know and give',
        description: 'What the page behind the link shows, for a page of your own. Holds nothing secret.',
        tags: ['connections'],
        params: ConnectionParams,
        response: { 200: described(GuideSchema), ...problemReplies(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request) => {
      const { view } = await connections.view(tenantOf(request), request.params.id);
      const option = providers.find(view.provider, view.region, view.method);
      if (!option) throw methodUnknown(view);
      return guideOf(option, view.setup);
    },
  );
}
