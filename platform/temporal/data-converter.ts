import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { KeyRing } from '../key-ring.ts';
import { createPayloadCodec } from './payload-codec.ts';

const here = import.meta.url;
const extension = here.endsWith('.ts') ? 'ts' : 'js';

/** The converter that client and worker share. Failure messages and stack traces are encrypted with the rest. */
export function createDataConverter(keyRing: KeyRing, encryption: boolean): DataConverter {
  return {
    failureConverterPath: fileURLToPath(new URL(`./failure-converter.${extension}`, here)),
    ...(encryption ? { payloadCodecs: [createPayloadCodec(keyRing)] } : {}),
  };
}
