import { defaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { KeyRing, KeyRingError } from '../../../platform/key-ring.ts';
import { createDataConverter } from '../../../platform/temporal/data-converter.ts';
import {
  createPayloadCodec,
  isUndecodable,
  RefusedPayloadError,
  type CodecOptions,
} from '../../../platform/temporal/payload-codec.ts';
import { isRefusedPayload, refusals } from '../../../contracts/refused-payload.ts';

const ring = KeyRing.parse(KeyRing.generate());
const codec = createPayloadCodec(ring);
const of = (workflowId: string): SerializationContext => ({ type: 'workflow', namespace: 'default', workflowId });
const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);

async function sealed(value: unknown, context?: SerializationContext, by = codec): Promise<Payload> {
  const [one] = await by.encode([payload(value)], context);
  if (!one) throw new Error('One payload in, one out.');
  return one;
}

async function decoded(one: Payload, context?: SerializationContext, options?: CodecOptions): Promise<unknown> {
  const [opened] = await createPayloadCodec(ring, options).decode([one], context);
  return defaultPayloadConverter.fromPayload(opened as Payload);
}

const withMetadata = (one: Payload, metadata: Record<string, string>): Payload => ({
  ...one,
  metadata: {
    ...one.metadata,
    ...Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, Buffer.from(value)])),
  },
});

test('a stored payload shows nothing of its value', async () => {
  const stored = await sealed({ code: 'the-authorization-code' }, of('con_1'));
  const everything = [stored.data, ...Object.values(stored.metadata ?? {})].map((bytes) =>
    Buffer.from(bytes ?? []).toString('latin1'),
  );
  expect(everything.join()).not.toContain('the-authorization-code');
});

test('a payload is opened in its own workflow, and by a codec server that does not know the workflow', async () => {
  const stored = await sealed({ answer: 42 }, of('con_1'));
  for (const context of [of('con_1'), undefined]) expect(await decoded(stored, context)).toEqual({ answer: 42 });
});

test('a payload of an activity is opened by its workflow, although the contexts differ', async () => {
  const activity: SerializationContext = { type: 'activity', namespace: 'default', workflowId: 'con_1', isLocal: true };
  expect(await decoded(await sealed('facts', activity), of('con_1'))).toBe('facts');
});

test('a payload of a schedule is opened only by the workflow that it starts, whose id ends with the start time', async () => {
  const stored = await sealed('input', of('reconcile'));
  expect(await decoded(stored, of('reconcile-2026-11-03T14:05:00Z'))).toBe('input');
  for (const id of ['reconcile-2', 'reconcile2026-11-03T14:05:00Z', 'x-reconcile-2026-11-03T14:05:00Z']) {
    expect(await decoded(stored, of(id)), id).toEqual({ mooringRefused: refusals.foreign });
  }
});

test('an unsealed payload is accepted by default and refused where sealing is required', async () => {
  const plain = payload({ code: 'from a stranger' });
  expect(await decoded(plain)).toEqual({ code: 'from a stranger' });
  expect(await decoded(plain, of('con_1'), { requireSealed: true })).toEqual({ mooringRefused: refusals.unsealed });
});

describe.each([true, false])('payloads that can never be opened (sealing required: %s)', (requireSealed) => {
  const options = { requireSealed };

  test('a payload of another workflow’s history is refused without throwing', async () => {
    const stored = await sealed('secret', of('con_1'));
    expect(await decoded(stored, of('con_2'), options)).toEqual({ mooringRefused: refusals.foreign });
  });

  test('a payload whose workflow was changed is refused without throwing', async () => {
    const moved = withMetadata(await sealed('secret', of('con_1')), { 'mooring-context': 'default/con_2' });
    expect(await decoded(moved, of('con_2'), options)).toEqual({ mooringRefused: refusals.changed });
  });

  test('a payload with a changed byte, without data, or sealed with another key of the same id is refused', async () => {
    const stored = await sealed('secret', of('con_1'));
    const data = Buffer.from(stored.data ?? []);
    data[data.length - 1] = (data.at(-1) ?? 0) ^ 1;
    const { metadata } = stored;
    const other = await sealed('x', of('con_1'), createPayloadCodec(KeyRing.parse(KeyRing.generate())));
    for (const changed of [{ metadata, data }, { metadata: metadata ?? {} }, other]) {
      expect(await decoded(changed as Payload, of('con_1'), options)).toEqual({ mooringRefused: refusals.changed });
    }
  });
});

test.each(['', 'no key id', 'k'.repeat(1_000)])('a payload with an impossible key id is refused: "%s"', async (id) => {
  const stored = withMetadata(await sealed('x', of('con_1')), { 'mooring-key-id': id });
  expect(await decoded(stored, of('con_1'))).toEqual({ mooringRefused: refusals.changed });
});

describe('a payload under a key that the ring does not have', () => {
  const elsewhere = createPayloadCodec(KeyRing.parse(KeyRing.generate('elsewhere')));

  test('a payload under a missing key throws, because adding the key makes it readable', async () => {
    const stored = await sealed('x', of('con_1'), elsewhere);
    await expect(decoded(stored, of('con_1'), { requireSealed: true })).rejects.toThrow(
      'The key ring has no key "elsewhere": add it back until nothing sealed with it is left.',
    );
  });

  test('a payload under a missing key throws where any process has had the key, and is refused otherwise', async () => {
    const stored = await sealed('x', of('con_1'), elsewhere);
    const isKnownKey = async (id: string): Promise<boolean> => id === 'elsewhere';
    await expect(decoded(stored, of('con_1'), { isKnownKey })).rejects.toThrow(KeyRingError);
    const made = withMetadata(stored, { 'mooring-key-id': 'made-up' });
    expect(await decoded(made, of('con_1'), { isKnownKey })).toEqual({ mooringRefused: refusals.unknownKey });
  });

  test('a payload under a missing key throws, and is not refused, while the key lookup does not answer', async () => {
    const stored = await sealed('x', of('con_1'), elsewhere);
    const isKnownKey = async (): Promise<boolean> => await Promise.reject(new Error('Vault is away'));
    await expect(decoded(stored, of('con_1'), { isKnownKey })).rejects.toThrow('Vault is away');
  });
});

test('a refused payload leaves the other payloads of its message readable', async () => {
  const good = await sealed('good', of('con_1'));
  const payloads = await createPayloadCodec(ring, { requireSealed: true }).decode([payload('bad'), good], of('con_1'));
  expect(payloads.map((one) => defaultPayloadConverter.fromPayload(one))).toEqual([
    { mooringRefused: refusals.unsealed },
    'good',
  ]);
});

test('a client throws for a refused payload, and this error counts as undecodable, as does a missing key', async () => {
  const client = createPayloadCodec(ring, { requireSealed: true, refused: 'throw' });
  const errors = await Promise.all(
    [
      payload('bad'),
      await sealed('x', of('con_2')),
      await sealed('x', of('con_1'), createPayloadCodec(KeyRing.parse(KeyRing.generate('gone')))),
    ].map(async (one) => await client.decode([one], of('con_1')).catch((error: unknown) => error)),
  );
  expect(errors.map((error) => error instanceof RefusedPayloadError)).toEqual([true, true, false]);
  expect(errors.map(isUndecodable)).toEqual([true, true, true]);
  expect(isUndecodable(new Error('any other'))).toBe(false);
});

test('a refused payload is distinguished from every other value', () => {
  expect(isRefusedPayload({ mooringRefused: 'why' })).toBe(true);
  for (const value of [
    null,
    undefined,
    'mooringRefused',
    [],
    {},
    { mooringRefused: 1 },
    { mooringRefused: 'x', id: 1 },
  ]) {
    expect(isRefusedPayload(value)).toBe(false);
  }
});

test.each([
  ['required', { mooringRefused: refusals.unsealed }],
  ['on', 'plain'],
  [true, 'plain'],
] as const)('a converter with encryption %s reads an unsealed payload as %j', async (encryption, expected) => {
  const [one] = createDataConverter(ring, encryption).payloadCodecs ?? [];
  const [opened] = (await one?.decode([payload('plain')], of('con_1'))) ?? [];
  expect(defaultPayloadConverter.fromPayload(opened as Payload)).toEqual(expected);
});

test.each(['off', false] as const)('a converter with encryption %s leaves payloads readable', (encryption) => {
  expect(createDataConverter(ring, encryption).payloadCodecs).toBeUndefined();
});
