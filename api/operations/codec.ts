import { createHash, timingSafeEqual } from 'node:crypto';
import cors from '@fastify/cors';
import type { Payload } from '@temporalio/common';
import type { FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { KeyRingError } from '../../platform/key-ring.ts';
import { createPayloadCodec } from '../../platform/temporal/payload-codec.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { principalOf, principalOfPathToken } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ApiProblem, apiProblems } from '../http/problem.ts';

/** A payload as proto3's JSON has it: bytes in base64. What the Temporal UI sends and expects. */
const ProtoJsonPayload = Type.Object({
  metadata: Type.Optional(Type.Record(Type.String(), Type.String())),
  data: Type.Optional(Type.String()),
});
type ProtoJsonPayload = Static<typeof ProtoJsonPayload>;

/** Temporal refuses a payload above 2 MiB (its blob size limit); in base64 it is a third longer. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
/** The UI and the CLI send the payloads of one event, which are few. */
const MAX_PAYLOADS = 1_000;
/** Some twenty for each payload. */
const MAX_VALUES = 20_000;
const Payloads = Type.Object({
  payloads: Type.Optional(Type.Array(ProtoJsonPayload, { maxItems: MAX_PAYLOADS })),
});

const verbs = [
  {
    verb: 'decode',
    summary: 'Decodes payloads for the Temporal UI',
    description:
      'Body and reply as a Temporal codec server has them. A payload that Mooring would refuse is answered with the reason in its place.',
  },
  {
    verb: 'encode',
    summary: 'Encodes payloads for the Temporal CLI',
    // The CLI calls it even without arguments; without this route it could not send queries.
    description: 'Body and reply as a Temporal codec server has them. What is encoded here is bound to no workflow.',
  },
] as const;
type Verb = (typeof verbs)[number]['verb'];

/**
 * Lets Temporal's UI and CLI show what payloads say (their "codec server"). It reads payloads of all tenants, so that the
 * caller needs an operator's key. The browser that shows the UI has none: for it, the path itself is the secret. Both
 * are checked before the body is read. Every use leaves a line in the log.
 */
export async function registerCodec(app: App, deps: AppDependencies): Promise<void> {
  const { config, keyRing, logger } = deps;
  const codec = createPayloadCodec(keyRing);
  await app.register(cors, { origin: config.uiOrigin, methods: ['POST'], maxAge: 600 });

  const translate = async (verb: Verb, request: FastifyRequest, payloads: ProtoJsonPayload[], who: string) => {
    // The CLI sends an empty header when it has no namespace.
    const namespace = request.headers['x-namespace'] || config.temporal.namespace;
    if (namespace !== config.temporal.namespace) throw foreignNamespace();
    logger.info({ who, namespace, payloads: payloads.length, requestId: request.id }, `payloads ${verb}d`);
    try {
      return { payloads: (await codec[verb](payloads.map(fromProtoJson))).map(toProtoJson) };
    } catch (error) {
      if (error instanceof KeyRingError) throw undecodable(error);
      throw error;
    }
  };

  const { codecPathToken } = config;
  for (const { verb, summary, description } of verbs) {
    const schema = {
      summary,
      description,
      tags: ['operations'],
      body: Payloads,
      response: { 200: Payloads, ...problemReplies(400, 401, 403, 404, 413, 415, 429, 503) },
    };
    app.post(
      `/codec/${verb}`,
      {
        config: { access: 'operator:decode', maxBodyValues: MAX_VALUES },
        bodyLimit: BODY_LIMIT_BYTES,
        schema: { operationId: `${verb}Payloads`, ...schema },
      },
      async (request) => await translate(verb, request, request.body.payloads ?? [], principalOf(request).id),
    );
    if (!codecPathToken) continue;
    app.post(
      `/codec/:token/${verb}`,
      {
        config: { access: 'public', maxBodyValues: MAX_VALUES },
        bodyLimit: BODY_LIMIT_BYTES,
        onRequest: async (request) => {
          if (!equal(request.params.token, codecPathToken.reveal())) throw apiProblems.routeNotFound();
          request.principal = principalOfPathToken(request.ip);
        },
        schema: {
          hide: true,
          operationId: `${verb}PayloadsByPath`,
          ...schema,
          params: Type.Object({ token: Type.String() }),
        },
      },
      async (request) => await translate(verb, request, request.body.payloads ?? [], 'path token'),
    );
  }
}

/** Compares in constant time, also for different lengths. */
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
    message: 'A payload could not be decoded: it was sealed with a key that the key ring does not have.',
    remedy: 'Add that key back to MOORING_KEYS, behind the current one, until nothing sealed with it is left.',
    cause,
  });

const fromProtoJson = ({ metadata = {}, data }: ProtoJsonPayload): Payload => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, Buffer.from(value, 'base64')])),
  data: Buffer.from(data ?? '', 'base64'),
});

export const toProtoJson = ({ metadata, data }: Payload): ProtoJsonPayload => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([key, value]) => [key, base64(value)])),
  data: base64(data ?? new Uint8Array()),
});

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
