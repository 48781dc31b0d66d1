import { randomUUID } from 'node:crypto';
import Fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { App, AppDependencies } from './app-types.ts';
import { registerAuthentication } from './plugins/authentication.ts';
import { registerDraining } from './plugins/draining.ts';
import { registerJsonBody } from './plugins/json-body.ts';
import { registerHttpMetrics } from './plugins/http-metrics.ts';
import { rememberRoutes } from './plugins/known-routes.ts';
import { registerOpenApi, registerOpenApiRoute } from './plugins/openapi.ts';
import { registerProblems } from './plugins/problems.ts';
import { registerRateLimit } from './plugins/rate-limit.ts';
import { requireRouteRules } from './plugins/route-rules.ts';
import { registerRequestLog, requestIdFrom } from './plugins/request-log.ts';
import { registerSecurityHeaders } from './plugins/security-headers.ts';
import { registerCodec } from './routes/codec/index.ts';
import { registerDocs } from './routes/docs/index.ts';
import { registerHealthz } from './routes/health/healthz.ts';
import { registerMetrics } from './routes/health/metrics.ts';
import { registerReadyz } from './routes/health/readyz.ts';
import { registerPlatformSignIn } from './routes/platform-sign-in/index.ts';
import { registerSignIn } from './routes/sign-in/index.ts';
import { registerConnections } from './routes/v1/connections/index.ts';
import { registerEvents } from './routes/v1/events.ts';
import { registerProviderPause } from './routes/v1/provider-pause.ts';
import { registerProviders } from './routes/v1/providers.ts';
import { registerResources } from './routes/v1/resources/index.ts';

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
  registerResources(app, deps);
  registerEvents(app, deps);
  registerPlatformSignIn(app, deps);
  // Forms, cookies and CORS each stay within their own part.
  await app.register(async (part) => await registerSignIn(part, deps));
  await app.register(async (part) => await registerCodec(part, deps));
  await app.register(registerDocs);
  return app;
}
