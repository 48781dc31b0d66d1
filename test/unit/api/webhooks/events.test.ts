import { describe, expect, it } from 'vitest';
import { Value } from 'typebox/value';
import type { TSchema } from 'typebox';
import { buildOpenApi } from '../../../../api/http/build-openapi.ts';
import { sampleEvent } from '../../../../api/webhooks/sample.ts';
import { webhookEventTypes, type WebhookEvent } from '../../../../contracts/webhooks.ts';
import { ephemeralKeys } from '../../../../stores/ephemeral/keys.ts';
import type { ConnectionsGateway } from '../../../../api/temporal/gateway.ts';
import type { Json } from '../../../../platform/json.ts';
import { composeApp } from '../composed-app.ts';

interface Document {
  readonly webhooks: Record<string, { post: { requestBody: { content: { 'application/json': { schema: object } } } } }>;
  readonly components: { readonly schemas: Record<string, object> };
}

describe('events in the OpenAPI document', () => {
  it('every type has a schema, and its sample is what the schema says, below 4 KB, without anything else', async () => {
    const { webhooks, components } = (await buildOpenApi()) as Document;
    expect(Object.keys(webhooks)).toEqual([...webhookEventTypes]);
    const { deps } = await composeApp();
    const { endpoint } = await deps.webhookEndpoints.create('acme', {
      url: 'https://hooks.acme.example/secret-path',
      description: null,
      types: [],
      providers: [],
      tags: [],
    });
    for (const type of webhookEventTypes) {
      const sample = sampleEvent(deps, endpoint, type);
      const text = JSON.stringify(webhooks[type]?.post.requestBody.content['application/json'].schema);
      const schema = strict(JSON.parse(inlined(text, components.schemas)) as object) as TSchema;
      expect([type, [...Value.Errors(schema, sample)].map(({ message }) => message)]).toEqual([type, []]);
      expect(sample).toMatchObject({ type, test: true, id: expect.stringMatching(/^evt_test_[a-z2-7]+$/) });
      expect(JSON.stringify(sample).length).toBeLessThan(4_096);
      expect(JSON.stringify(sample)).not.toContain('secret-path');
      expect(Value.Check(schema, { ...sample, data: { ...sample.data, more: 1 } })).toBe(false);
    }
  });
});

const inlined = (text: string, schemas: Record<string, object>): string => {
  const next = text.replaceAll(/\{"\$ref":"#\/components\/schemas\/(\w+)"\}/g, (_all, name: string) =>
    JSON.stringify(schemas[name]),
  );
  return next === text ? text : inlined(next, schemas);
};

/** Nothing beyond what is declared: an undeclared field would be a field that nobody documented. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, value]) => [name, strict(value)]);
  const isObject = 'properties' in schema && typeof schema.properties === 'object';
  return { ...Object.fromEntries(entries), ...(isObject && !isEmpty(schema) && { additionalProperties: false }) };
}
const isEmpty = (schema: object): boolean =>
  'properties' in schema && Object.keys(schema.properties as object).length === 0;

describe('GET /v1/connections/{id}/events', () => {
  const id = `con_${'a'.repeat(26)}`;
  const other = `con_${'b'.repeat(26)}`;
  const event = (connection: string, sequence: number): WebhookEvent => ({
    id: `evt_${connection}_${sequence}_paused`,
    type: 'connection.paused',
    timestamp: '2026-11-23T08:00:00.000Z',
    data: { connection: { id: connection }, sequence },
  });
  const world = async (sequences: readonly number[]) => {
    const connections = { assertOwned: async () => await Promise.resolve() } as unknown as ConnectionsGateway;
    const composed = await composeApp({}, { connections });
    const stream = ephemeralKeys.webhookEvents('acme');
    const append = async (value: unknown) =>
      await composed.deps.ephemeral.append(stream, value as Json, { keep: 10_000, ttlSeconds: 60 });
    for (const sequence of sequences) {
      await append(event(other, sequence));
      await append(event(id, sequence));
    }
    await append({ not: 'an event' });
    const headers = await composed.keyFor('acme', 'connections:read');
    return async (query = '') => {
      const reply = await composed.app.inject({ url: `/v1/connections/${id}/events${query}`, headers });
      expect(reply.statusCode, reply.body).toBe(200);
      const { items, ...rest } = reply.json<{ items: readonly WebhookEvent[]; complete: boolean; more: boolean }>();
      return { sequences: items.map(({ data }) => (data as { sequence: number }).sequence), ...rest };
    };
  };

  it('answers each event after the given one once, in order, whichever order they were written in', async () => {
    const read = await world([1, 3, 2, 3, 4]);
    expect(await read()).toEqual({ sequences: [1, 2, 3, 4], complete: true, more: false });
    expect(await read('?after=2')).toEqual({ sequences: [3, 4], complete: true, more: false });
    expect(await read('?after=4')).toEqual({ sequences: [], complete: true, more: false });
    expect(await read('?limit=3')).toEqual({ sequences: [1, 2, 3], complete: true, more: true });
  });

  it('says so where events after the given one are not kept any more', async () => {
    const read = await world([5, 6]);
    expect(await read('?after=2')).toEqual({ sequences: [5, 6], complete: false, more: false });
    expect(await read('?after=4')).toEqual({ sequences: [5, 6], complete: true, more: false });
  });

  it('reads more entries than one page of the stream has', async () => {
    const read = await world(Array.from({ length: 300 }, (_none, index) => index + 1));
    const { sequences, more } = await read('?after=200&limit=200');
    expect([sequences.length, sequences.at(-1), more]).toEqual([100, 300, false]);
  });
});
