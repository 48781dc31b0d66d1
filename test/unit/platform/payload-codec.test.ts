import { defaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common';
import { expect, test } from 'vitest';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createPayloadCodec } from '../../../platform/temporal/payload-codec.ts';

const ring = KeyRing.parse(KeyRing.generate());
const codec = createPayloadCodec(ring);
const of = (workflowId: string): SerializationContext => ({ type: 'workflow', namespace: 'default', workflowId });
const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);

async function sealed(value: unknown, context?: SerializationContext): Promise<Payload> {
  const [one] = await codec.encode([payload(value)], context);
  if (!one) throw new Error('One payload in, one out.');
  return one;
}

test('nothing of a value shows in what is stored', async () => {
  const stored = await sealed({ code: 'the-authorization-code' }, of('con_1'));
  const everything = [stored.data, ...Object.values(stored.metadata ?? {})].map((bytes) =>
    Buffer.from(bytes ?? []).toString('latin1'),
  );
  expect(everything.join()).not.toContain('the-authorization-code');
});

test('a payload is opened in its own workflow, and by a codec server that is told no workflow', async () => {
  const stored = await sealed({ answer: 42 }, of('con_1'));
  for (const context of [of('con_1'), undefined]) {
    const [opened] = await codec.decode([stored], context);
    expect(defaultPayloadConverter.fromPayload(opened as Payload)).toEqual({ answer: 42 });
  }
});

test("a payload of another workflow's history is refused", async () => {
  const stored = await sealed('secret', of('con_1'));
  await expect(codec.decode([stored], of('con_2'))).rejects.toThrow(/another workflow/);
});

test('the workflow that a payload names can not be changed', async () => {
  const stored = await sealed('secret', of('con_1'));
  const moved = { ...stored, metadata: { ...stored.metadata, 'mooring-context': Buffer.from('default/con_2') } };
  await expect(codec.decode([moved], of('con_2'))).rejects.toThrow(/could not be opened/);
});

test("an activity's payload is opened by its workflow, which is another context of the same one", async () => {
  const activity: SerializationContext = { type: 'activity', namespace: 'default', workflowId: 'con_1', isLocal: true };
  const [opened] = await codec.decode([await sealed('facts', activity)], of('con_1'));
  expect(defaultPayloadConverter.fromPayload(opened as Payload)).toBe('facts');
});

test('what is not sealed passes through unchanged', async () => {
  const plain = payload('search attribute');
  expect(await codec.decode([plain])).toEqual([plain]);
});
