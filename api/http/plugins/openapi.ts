import swagger from '@fastify/swagger';
import { Type } from 'typebox';
import { BatchSchema } from '../../batches/schema.ts';
import { BulkSchema } from '../../bulk/schema.ts';
import { GuideSchema } from '../../connections/guide.ts';
import { InvitedSchema } from '../../connections/invitation.ts';
import { ActorSchema, ConnectionSchema, TimelineEntrySchema } from '../../connections/schema.ts';
import { PermissionsSchema } from '../../resources/permissions.ts';
import { InventorySchema, ResourceSchema } from '../../resources/schema.ts';
import { ApiKeySchema } from '../../keys/schema.ts';
import { DeliverySchema, ReplaySchema } from '../../webhooks/delivery-schema.ts';
import { ConnectionEventDataSchema, EndpointEventDataSchema, WebhookEventSchema } from '../../webhooks/event-schema.ts';
import { webhooksSection } from '../../webhooks/openapi-section.ts';
import { WebhookSchema } from '../../webhooks/schema.ts';
import { AuditLineSchema } from '../../audit/schema.ts';
import { TenantSchema } from '../../tenants/schema.ts';
import type { App } from '../app-types.ts';
import { plugin } from '../plugin.ts';
import { scopesOf } from './authentication.ts';
import { optionalBody } from './json-body.ts';
import { ProblemDocument, problemReplies } from '../problem-schema.ts';

const tags = [
  { name: 'connections', description: 'Cloud connections: made, watched, kept alive, ended.' },
  { name: 'batches', description: 'Many accounts connected at once.' },
  { name: 'bulk', description: 'One verb for many connections.' },
  { name: 'credentials', description: 'Credentials to use, always fresh.' },
  { name: 'resources', description: 'What was found in the accounts.' },
  { name: 'events', description: 'What happens, as it happens.' },
  { name: 'webhooks', description: 'What happens, sent to the tenant’s own endpoints.' },
  { name: 'audit', description: 'Who did what, to which connection, with what outcome.' },
  { name: 'providers', description: 'Which clouds can be connected, and what is missing.' },
  { name: 'sign-in', description: 'What the customer’s browser sees.' },
  { name: 'platform', description: 'Sign-ins that a product begins and completes for its own users.' },
  { name: 'keys', description: 'API keys: made, listed, rotated, revoked.' },
  { name: 'tenants', description: 'Whose connections they are: names, looks and quotas.' },
  { name: 'operations', description: 'For load balancers and operators.' },
];

const components = [
  ProblemDocument,
  ConnectionSchema,
  ActorSchema,
  TimelineEntrySchema,
  GuideSchema,
  InvitedSchema,
  BatchSchema,
  BulkSchema,
  ResourceSchema,
  InventorySchema,
  PermissionsSchema,
  ApiKeySchema,
  WebhookSchema,
  WebhookEventSchema,
  ConnectionEventDataSchema,
  EndpointEventDataSchema,
  DeliverySchema,
  ReplaySchema,
  TenantSchema,
  AuditLineSchema,
];

const KEYS = [
  'An API key, `mrg_…`. Each operation names the scope that the key needs.',
  'A key of a tenant reaches what belongs to its tenant; `admin` is every scope of a tenant.',
  'A key of an operator has scopes that begin with `operator:`, and reaches no connection.',
].join(' ');

export const API_VERSION = '1.0.0';

/** OpenAPI 3.1, made from the routes' own schemas. */
export const openApi = (publicUrl: string) =>
  plugin('openapi', ['route-rules'], async (app) => {
    for (const schema of components) app.addSchema(schema);
    const withOptionalBody = new Set<string | undefined>();
    const markOptionalBody = (operation: unknown): void => {
      const { operationId, requestBody } = operation as { operationId?: string; requestBody?: { required?: boolean } };
      if (requestBody && withOptionalBody.has(operationId)) requestBody.required = false;
    };
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Mooring',
          version: API_VERSION,
          description:
            'Keeps cloud connections alive: from an invitation to years of fresh credentials. Every reply has an `x-request-id` of Mooring’s own, which names the request in logs, problems and the audit record. An `x-request-id` that the caller sends (8 to 64 letters, digits, `_`, `.` and `-`) is kept beside it and comes back as `x-client-request-id`.',
          license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        },
        servers: [{ url: publicUrl }],
        tags,
        components: {
          securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: KEYS } },
        },
      },
      refResolver: {
        buildLocalReference: (json, _base, _fragment, index) =>
          typeof json['$id'] === 'string' ? json['$id'] : `schema${index}`,
      },
      transformObject: (document) => {
        if (!('openapiObject' in document)) return {};
        for (const operation of Object.values(document.openapiObject.paths ?? {}).flatMap((path) =>
          Object.values(path ?? {}),
        )) {
          markOptionalBody(operation);
        }
        return { ...document.openapiObject, webhooks: webhooksSection() };
      },
      transform: ({ schema, url, route }) => {
        if ([route.preValidation].flat().includes(optionalBody)) withOptionalBody.add(schema?.operationId);
        const security = scopesOf(route.config?.access).map((scope) => ({ apiKey: [scope] }));
        return { schema: { security, ...schema }, url };
      },
    });
  });

export function registerOpenApiRoute(app: App): void {
  app.get(
    '/openapi.json',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getOpenApi',
        summary: 'This document',
        description: 'The OpenAPI 3.1 document of this server.',
        tags: ['operations'],
        response: {
          200: Type.Object({}, { additionalProperties: true, description: 'OpenAPI 3.1.' }),
          ...problemReplies(),
        },
      },
    },
    async () => app.swagger(),
  );
}
