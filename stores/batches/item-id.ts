import { createHash } from 'node:crypto';
import { readableId } from '../../platform/readable-id.ts';

/** The connection of an item. Always the same, so that an item that is begun again starts no second one. */
export const itemConnectionId = (batchId: string, index: number): string =>
  readableId('con_', createHash('sha256').update(`batch|${batchId}|${index}`).digest());

/** Connections of a batch are found by this tag. */
export const batchTag = (batchId: string): string => `batch:${batchId}`;
