import { once } from 'node:events';
import type { ListenOptions } from 'node:net';
import type { Worker } from '@temporalio/worker';
import Fastify, { type FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Config } from '../platform/config.ts';
import { withDeadline } from '../platform/deadline.ts';
import type { ListerReadiness } from '../providers/listing/lister.ts';

export interface HealthDependencies {
  readonly workers: () => readonly Worker[];
  /** Resolves when Temporal answers; rejects, or does not end, where it does not. */
  readonly askTemporal: (signal: AbortSignal) => Promise<unknown>;
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  readonly listing: () => Promise<Readonly<Record<string, ListerReadiness>>>;
}

/**
 * All interfaces in production, where probes and Prometheus run on other machines; loopback under `npm start`. For all
 * interfaces no host is given: Node.js then uses IPv6 and IPv4, or IPv4 alone where the machine has no IPv6.
 */
export const healthAddress = ({ dev, metricsPort }: Pick<Config, 'dev' | 'metricsPort'>): ListenOptions => ({
  port: metricsPort,
  ...(dev && { host: '127.0.0.1' }),
});

const TEMPORAL_ANSWERS_MS = 2_000;
const running = { status: Type.String(), workers: Type.Array(Type.String()) };
const text = Type.Union([Type.String(), Type.Null()]);
const listing = Type.Object({
  source: Type.String(),
  version: text,
  notice: Type.Union([
    Type.Object({
      code: Type.String(),
      message: Type.String(),
      remedy: Type.String(),
      link: Type.Optional(Type.String()),
    }),
    Type.Null(),
  ]),
});
const healthReply = Type.Object(running);
const readinessReply = Type.Object({
  ...running,
  temporal: Type.String(),
  listing: Type.Record(Type.String(), listing),
});

/**
 * `GET /healthz`: 200 while every worker runs, 503 before that and while draining. It does not depend on Temporal: a
 * restart would not help while Temporal is away. `GET /readyz` is 200 if Temporal answers too, because a worker that runs
 * polls in vain otherwise. It adds how each cloud's resources are listed; a missing program is reported there and does not
 * take the worker out of service. `GET /metrics` is for Prometheus. Nothing here is secret, and the port is not published
 * outside the private network.
 */
export async function serveHealth(
  address: ListenOptions,
  { workers, askTemporal, listing: readiness, metrics }: HealthDependencies,
): Promise<FastifyInstance> {
  const state = () => {
    const states = workers().map((worker) => worker.getState());
    const up = states.length > 0 && states.every((one) => one === 'RUNNING');
    return { code: up ? 200 : 503, body: { status: up ? 'running' : 'not running', workers: states } };
  };
  const app = Fastify({ exposeHeadRoutes: false });
  app.get('/healthz', { schema: { response: { default: healthReply } } }, async (_request, reply) => {
    const { code, body } = state();
    reply.code(code);
    return body;
  });
  app.get('/readyz', { schema: { response: { default: readinessReply } } }, async (_request, reply) => {
    const { code, body } = state();
    const temporal = await withDeadline(TEMPORAL_ANSWERS_MS, askTemporal).then(
      () => 'ok',
      () => 'does not answer',
    );
    reply.code(temporal === 'ok' ? code : 503);
    return { ...body, temporal, listing: await readiness() };
  });
  app.get('/metrics', { schema: { response: { 200: Type.String() } } }, async (_request, reply) => {
    reply.type('text/plain; version=0.0.4');
    return await metrics();
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ status: 'unknown path' }));
  await app.ready();
  // Not `app.listen`, which takes a missing host for localhost.
  app.server.listen(address);
  await once(app.server, 'listening');
  return app;
}
