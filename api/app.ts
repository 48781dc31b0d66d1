import { randomUUID } from 'node:crypto';
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import { Settings } from 'typebox/system';
import { registerAudit } from './audit/routes.ts';
import { registerBatches } from './batches/routes.ts';
import { registerBulk } from './bulk/routes.ts';
import { registerConnections } from './connections/routes.ts';
import { registerCredentials } from './credentials/routes.ts';
import { registerEvents } from './events/routes.ts';
import type { App, AppDependencies } from './http/app-types.ts';
import { BODY_LIMIT_BYTES, connectionLimits, IDLE_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from './http/limits.ts';
import { feature } from './http/plugin.ts';
import { auditing } from './http/plugins/audit.ts';
import { authentication } from './http/plugins/authentication.ts';
import { bodyValues } from './http/plugins/body-values.ts';
import { draining } from './http/plugins/draining.ts';
import { httpMetrics } from './http/plugins/http-metrics.ts';
import { jsonBody } from './http/plugins/json-body.ts';
import { openApi, registerOpenApiRoute } from './http/plugins/openapi.ts';
import { problemDocuments, unknownRoutes } from './http/plugins/problems.ts';
import { rateLimit } from './http/plugins/rate-limit.ts';
import { newRequestId, requestLog } from './http/plugins/request-log.ts';
import { LONGEST_ADDRESS, requestLine, routableAddress } from './http/plugins/request-line.ts';
import { routeRules } from './http/plugins/routes.ts';
import { securityHeaders } from './http/plugins/security-headers.ts';
import { singleParameters } from './http/plugins/single-parameters.ts';
import { startId } from './http/plugins/start-id.ts';
import { sharedSerializers } from './http/serializers.ts';
import { createUnreadableRequestHandler, MOST_HEADER_BYTES } from './http/unreadable-requests.ts';
import { registerKeys } from './keys/routes.ts';
import { registerCodec } from './operations/codec.ts';
import { registerDocs } from './operations/docs.ts';
import { registerHealth } from './operations/health.ts';
import { registerMetrics } from './operations/metrics.ts';
import { registerProviders } from './operations/providers.ts';
import { registerSystem } from './operations/system.ts';
import { registerResources } from './resources/routes.ts';
import { registerPlatformSignIn } from './sign-in/platform/routes.ts';
import { registerSignIn } from './sign-in/routes.ts';
import { registerSubmit } from './sign-in/submission/routes.ts';
import { registerSummary } from './summary/routes.ts';
import { registerTenants } from './tenants/routes.ts';
import { registerWebhooks } from './webhooks/routes.ts';

/** In one request. */
const MOST_FINDINGS = 32;

/** Composes the application. Does not listen or connect. Call `ready()` before use. */
export async function buildApp(deps: AppDependencies): Promise<App> {
  const { config, logger } = deps;
  // A union reports each of its branches: the default of 8 findings would leave out whole fields.
  Settings.Set({ maxErrors: MOST_FINDINGS });
  const loggerInstance: FastifyBaseLogger = logger;
  const app: App = Fastify({
    loggerInstance,
    // Fastify would log whole URLs, which contain codes and tokens. `request-log` logs instead.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => newRequestId(randomUUID),
    bodyLimit: BODY_LIMIT_BYTES,
    // A missing Host header is answered by `request-line`, because Node.js would answer it without a document.
    http: { ...connectionLimits, maxHeaderSize: MOST_HEADER_BYTES, requireHostHeader: false },
    clientErrorHandler: createUnreadableRequestHandler({ publicUrl: config.publicUrl, logger }),
    rewriteUrl: routableAddress,
    // Schemas bound each parameter. The router would refuse one without any hook.
    routerOptions: { maxParamLength: LONGEST_ADDRESS },
    // Fastify would answer 503 without a document. What has arrived is served: `draining` closes its connection.
    return503OnClosing: false,
    trustProxy: config.trustedProxies ?? false,
    forceCloseConnections: 'idle',
    schemaController: { compilersFactory: { buildSerializer: sharedSerializers() } },
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: IDLE_TIMEOUT_MS,
  })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(TypeBoxValidatorCompiler);

  await app.register(routeRules);
  await app.register(problemDocuments);
  await app.register(requestLog);
  await app.register(httpMetrics(deps.metrics));
  await app.register(draining);
  await app.register(jsonBody);
  await app.register(bodyValues);
  await app.register(securityHeaders(config.publicUrl));
  await app.register(requestLine);
  await app.register(singleParameters);
  if (config.startId !== undefined) await app.register(startId(config.startId));
  await app.register(unknownRoutes);
  await app.register(openApi(config.publicUrl));
  await app.register(authentication(deps));
  await app.register(rateLimit(deps));
  await app.register(auditing(deps));

  for (const [name, addRoutes] of Object.entries(features)) {
    await app.register(feature(name, async (part) => await addRoutes(part, deps)));
  }
  return app;
}

/** Every feature with what adds its routes, in the order of the OpenAPI document. */
const features: Readonly<Record<string, (app: App, deps: AppDependencies) => void | Promise<void>>> = {
  'openapi-document': registerOpenApiRoute,
  health: registerHealth,
  metrics: registerMetrics,
  keys: registerKeys,
  system: registerSystem,
  tenants: registerTenants,
  providers: registerProviders,
  connections: registerConnections,
  summary: registerSummary,
  batches: registerBatches,
  bulk: registerBulk,
  credentials: registerCredentials,
  submission: registerSubmit,
  resources: registerResources,
  events: registerEvents,
  webhooks: registerWebhooks,
  audit: registerAudit,
  'platform-sign-in': registerPlatformSignIn,
  'sign-in': registerSignIn,
  codec: registerCodec,
  docs: registerDocs,
};
