import { randomUUID } from 'node:crypto';
import Fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { App, AppDependencies } from './http/app-types.ts';
import { registerAuthentication } from './http/plugins/authentication.ts';
import { registerDraining } from './http/plugins/draining.ts';
import { registerJsonBody } from './http/plugins/json-body.ts';
import { registerHttpMetrics } from './http/plugins/http-metrics.ts';
import { rememberRoutes, requireRouteRules } from './http/plugins/routes.ts';
import { registerOpenApi, registerOpenApiRoute } from './http/plugins/openapi.ts';
import { registerProblems } from './http/plugins/problems.ts';
import { registerRateLimit } from './http/plugins/rate-limit.ts';
import { registerRequestLog, requestIdFrom } from './http/plugins/request-log.ts';
import { registerSecurityHeaders } from './http/plugins/security-headers.ts';
import { registerCodec } from './operations/codec.ts';
import { registerDocs } from './operations/docs.ts';
import { registerHealthz, registerReadyz } from './operations/health.ts';
import { registerMetrics } from './operations/metrics.ts';
import { registerPlatformSignIn } from './sign-in/platform/routes.ts';
import { registerSignIn } from './sign-in/routes.ts';
import { registerConnections } from './connections/routes.ts';
import { registerCredentials } from './credentials/routes.ts';
import { registerSubmit } from './sign-in/submission/routes.ts';
import { registerEvents } from './events/routes.ts';
import { registerProviderPause, registerProviders } from './operations/providers.ts';
import { registerResources } from './resources/routes.ts';

const BODY_LIMIT_BYTES = 64 * 1024;
/** Invitation tokens are path segments. */
const MAX_PARAM_LENGTH = 2048;

/** Composes the application; never listens, connects to nothing. `ready()` it before use. */
export async function buildApp(deps: AppDependencies): Promise<App> {
  const { config, logger } = deps;
  const loggerInstance: FastifyBaseLogger = logger;
  const app: App = Fastify({
    loggerInstance,
    // Its lines carry whole addresses, and those carry codes and tokens: `request-log` writes ours.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: ({ headers }) => requestIdFrom(headers['x-request-id'], randomUUID),
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    trustProxy: config.trustedProxies ?? false,
    forceCloseConnections: 'idle',
  })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(TypeBoxValidatorCompiler);

  requireRouteRules(app);
  const routes = rememberRoutes(app);
  registerProblems(app, routes);
  registerRequestLog(app);
  registerHttpMetrics(app, deps.metrics);
  registerDraining(app);
  registerJsonBody(app);
  await registerSecurityHeaders(app, config.publicUrl);
  await registerOpenApi(app, config.publicUrl);
  registerAuthentication(app, deps);
  registerRateLimit(app, deps);

  registerOpenApiRoute(app);
  registerHealthz(app);
  registerReadyz(app, deps);
  registerMetrics(app, deps);
  registerProviders(app, deps);
  registerProviderPause(app, deps);
  registerConnections(app, deps);
  registerCredentials(app, deps);
  registerSubmit(app, deps);
  registerResources(app, deps);
  registerEvents(app, deps);
  registerPlatformSignIn(app, deps);
  // Forms, cookies and CORS each stay within their own part.
  await app.register(async (part) => await registerSignIn(part, deps));
  await app.register(async (part) => await registerCodec(part, deps));
  await app.register(registerDocs);
  return app;
}
