import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Payload } from '@temporalio/common';
import { createPayloadCodec } from '../../platform/temporal/payload-codec.ts';
import { recordingKeyRing } from './recording-keys.ts';
import type { HistoryJson } from './recordings.ts';

const codec = createPayloadCodec(recordingKeyRing);
const root = fileURLToPath(new URL('../../', import.meta.url));
const SEALED = 'binary/encrypted';

/** A payload in Temporal's JSON: every byte string is base64. */
interface PayloadJson {
  readonly metadata: Readonly<Record<string, string>>;
  readonly data?: string;
}

const isPayload = (value: unknown): value is PayloadJson =>
  typeof value === 'object' &&
  value !== null &&
  'metadata' in value &&
  typeof value.metadata === 'object' &&
  value.metadata !== null &&
  'encoding' in value.metadata;

const text = (base64: string | undefined): string => Buffer.from(base64 ?? '', 'base64').toString();
const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes as string).toString('base64');
/** A worker's identity, which names its queue too. (The name of a machine alone may be two letters of an id.) */
const identity = new RegExp(`\\d+@${hostname().replaceAll('.', '\\.')}`, 'g');
/** Packages may stand elsewhere: a checkout's `node_modules` can be a link. */
const packages = /\/[\w./-]*\/(?=node_modules\/)/g;
const anonymous = (said: string): string =>
  said.replaceAll(root, '').replaceAll(packages, '').replaceAll(identity, 'recorder');

export const isSealed = (payload: PayloadJson): boolean => text(payload.metadata['encoding']) === SEALED;

/** Where each payload stands, and the payload. */
export function payloadsIn(value: unknown, path = ''): readonly (readonly [path: string, payload: PayloadJson])[] {
  if (isPayload(value)) return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => payloadsIn(field, `${path}/${name}`));
}

/** What a payload holds, as text. */
export async function opened(payload: PayloadJson): Promise<string> {
  const [content] = await codec.decode([fromJson(payload)]);
  return Buffer.from(content?.data ?? []).toString();
}

/** All that a history says to somebody who has the keys. */
export async function textOf(history: HistoryJson): Promise<string> {
  const contents = await Promise.all(payloadsIn(history).map(async ([, payload]) => await opened(payload)));
  return [JSON.stringify(history), ...contents].join('\n');
}

/** A history without the machine that recorded it: in payloads (stack traces) neither. */
export async function withoutMachine(history: HistoryJson): Promise<HistoryJson> {
  return (await scrubbed(history)) as HistoryJson;
}

async function scrubbed(value: unknown, name = ''): Promise<unknown> {
  if (typeof value === 'string') return name === 'identity' ? 'recorder' : anonymous(value);
  if (isPayload(value)) return await scrubbedPayload(value);
  if (Array.isArray(value)) return await Promise.all(value.map(async (item) => await scrubbed(item)));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(async ([key, field]) => [key, await scrubbed(field, key)] as const);
  return Object.fromEntries(await Promise.all(fields));
}

/** Sealed again only where something had to go. */
async function scrubbedPayload(payload: PayloadJson): Promise<PayloadJson> {
  const [content] = await codec.decode([fromJson(payload)]);
  const said = Buffer.from(content?.data ?? []).toString();
  if (!content || anonymous(said) === said) return payload;
  const clear = { ...content, data: Buffer.from(anonymous(said)) };
  if (!isSealed(payload)) return toJson(clear);
  const [namespace = '', workflowId = ''] = text(payload.metadata['mooring-context']).split(/\/(.*)/);
  const [sealed] = await codec.encode([clear], { type: 'workflow', namespace, workflowId });
  return sealed ? toJson(sealed) : payload;
}

const fromJson = ({ metadata, data }: PayloadJson): Payload => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
  data: Buffer.from(data ?? '', 'base64'),
});

const toJson = ({ metadata, data }: Payload): PayloadJson => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)])),
  data: base64(data ?? ''),
});
