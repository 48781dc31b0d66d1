import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { KeyRing } from '../key-ring.ts';
import { createPayloadCodec, type CodecOptions } from './payload-codec.ts';

/**
 * - `off`      payloads are readable: for debugging, under `npm start` alone
 * - `on`       payloads are sealed; unsealed ones are accepted too, e.g. an operator's signal from the Temporal UI
 * - `required` payloads are sealed, and unsealed ones are refused: production
 */
export type PayloadEncryption = 'off' | 'on' | 'required';

const here = import.meta.url;
const extension = here.endsWith('.ts') ? 'ts' : 'js';

/** The converter that client and worker share. Failure messages and stack traces are encrypted with the rest. */
export function createDataConverter(
  keyRing: KeyRing,
  encryption: PayloadEncryption | boolean,
  options: Omit<CodecOptions, 'requireSealed'> = {},
): DataConverter {
  const failureConverterPath = fileURLToPath(new URL(`./failure-converter.${extension}`, here));
  if (encryption === false || encryption === 'off') return { failureConverterPath };
  const requireSealed = encryption === 'required';
  return { failureConverterPath, payloadCodecs: [createPayloadCodec(keyRing, { ...options, requireSealed })] };
}
