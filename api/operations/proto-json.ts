import type { Payload } from '@temporalio/common';
import { Type, type Static } from 'typebox';

/** A payload as proto3's JSON has it: bytes in base64. What the Temporal UI sends and expects. */
export const ProtoJsonPayload = Type.Object({
  metadata: Type.Optional(Type.Record(Type.String(), Type.String())),
  data: Type.Optional(Type.String()),
});
export type ProtoJsonPayload = Static<typeof ProtoJsonPayload>;

export const fromProtoJson = ({ metadata = {}, data }: ProtoJsonPayload): Payload => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, Buffer.from(value, 'base64')])),
  data: Buffer.from(data ?? '', 'base64'),
});

export const toProtoJson = ({ metadata, data }: Payload): ProtoJsonPayload => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([key, value]) => [key, base64(value)])),
  data: base64(data ?? new Uint8Array()),
});

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
