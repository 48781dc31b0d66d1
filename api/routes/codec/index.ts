import { createHash, timingSafeEqual } from 'node:crypto';
import cors from '@fastify/cors';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { KeyRingError } from '../../../platform/key-ring.ts';
import { createPayloadCodec } from '../../../platform/temporal/payload-codec.ts';
import type { App, AppDependencies } from '../../app-types.ts';
import { ApiProblem, apiProblems } from '../../problem.ts';
import { problemReplies } from '../../schemas/problem.ts';
import { fromProtoJson, ProtoJsonPayload, toProtoJson } from './proto-json.ts';

const BODY_LIMIT_BYTES = 16 * 1024 * 1024;
const Payloads = Type.Object({ payloads: Type.Array(ProtoJsonPayload, { maxItems: 10_000 }) });

/**
 * Lets the Temporal UI show what payloads say (its "codec server"). In production the caller needs an admin key; under
 * `npm start` the browser has none, so that the path itself is the secret. Every use leaves a line in the log.
 */
export async function registerCodec(app: App, deps: AppDependencies): Promise<void> {
  const { config, keyRing, logger } = deps;
  const codec = createPayloadCodec(keyRing);
  await app.register(cors, { origin: config.uiOrigin, methods: ['POST'], maxAge: 600 });

  const decode = async (request: FastifyRequest, payloads: ProtoJsonPayload[], who: string) => {
    const namespace = request.headers['x-namespace'];
    if (namespace !== undefined && namespace !== config.temporal.namespace) throw foreignNamespace();
    logger.info(
      { who, namespace: config.temporal.namespace, payloads: payloads.length, requestId: request.id },
      'payloads decoded',
    );
    try {
      return { payloads: (await codec.decode(payloads.map(fromProtoJson))).map(toProtoJson) };
    } catch (error) {
      if (error instanceof KeyRingError) throw undecodable(error);
      throw error;
    }
  };
  const schema = {
    summary: 'Decodes payloads for the Temporal UI',
    description: 'Body and reply as a Temporal codec server has them.',
    tags: ['operations'],
    body: Payloads,
    response: { 200: Payloads, ...problemReplies(400, 401, 403, 404, 413, 415, 429, 503) },
  };

  app.post(
    '/codec/decode',
    { config: { access: 'admin' }, bodyLimit: BODY_LIMIT_BYTES, schema: { operationId: 'decodePayloads', ...schema } },
    async (request) => await decode(request, request.body.payloads, request.apiKey?.id ?? ''),
  );

  const { codecPathToken } = config;
  if (!codecPathToken) return;
  app.post(
    '/codec/:token/decode',
    {
      config: { access: 'public' },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: { hide: true, ...schema, params: Type.Object({ token: Type.String() }) },
    },
    async (request) => {
      if (!equal(request.params.token, codecPathToken.reveal())) throw apiProblems.routeNotFound();
      return await decode(request, request.body.payloads, 'path token');
    },
  );
}

/** In constant time, whatever the lengths. */
function equal(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

const foreignNamespace = (): ApiProblem =>
  new ApiProblem({
    status: 403,
    code: 'foreign_namespace',
    message: 'This server decodes payloads of its own namespace only.',
    remedy: 'Open the namespace that TEMPORAL_NAMESPACE names.',
  });

const undecodable = (cause: unknown): ApiProblem =>
  new ApiProblem({
    status: 400,
    code: 'undecodable_payload',
    message: 'A payload could not be decoded: it was sealed with a key that the key ring does not have, or changed.',
    remedy: 'Add the old key back to MOORING_KEYS, behind the current one.',
    cause,
  });
