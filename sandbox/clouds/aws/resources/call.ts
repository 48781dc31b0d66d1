import type { Json } from '../../../../platform/json.ts';
import type { Reply } from '../../../core/cloud.ts';
import type { AwsPartition } from '../accounts.ts';
import type { Caller } from '../callers.ts';
import type { AwsSettings } from '../settings.ts';
import type { Resource, Resources } from './inventory.ts';
import type { KindName } from './kinds.ts';
import { kinds } from './kinds.ts';

/** One allowed call for resources. */
export interface ResourceCall {
  readonly partition: AwsPartition;
  readonly caller: Caller;
  readonly region: string;
  readonly resources: Resources;
  readonly settings: AwsSettings;
}

export interface Operation {
  /** What a policy calls it. */
  readonly right: string;
  readonly answer: (call: ResourceCall) => Reply;
}

export interface Page {
  readonly rows: readonly Resource[];
  readonly next: string | undefined;
}

/** A page of a list. AWS's tokens mean nothing to anyone else; these are offsets, written so that none is read as a number. */
export function pageOf(
  { resources, caller, region }: ResourceCall,
  kind: KindName,
  token: string | null | undefined,
  asked: number | null | undefined,
): Page {
  const most = Math.min(asked ?? kinds[kind].page, kinds[kind].page);
  const { rows, next } = resources.slice({ account: caller.accountId, region }, kind, offsetOf(token), most);
  return { rows, next: next === undefined ? undefined : tokenOf(next) };
}

export const tokenOf = (offset: number): string => Buffer.from(`page ${offset}`).toString('base64url');
export const offsetOf = (token: string | null | undefined): number =>
  token ? Number(Buffer.from(token, 'base64url').toString().slice('page '.length)) || 0 : 0;

/** Fields changed by hand over the generated ones. */
export const laidOver = <T extends object>(generated: T, { changed }: Resource): T => ({ ...generated, ...changed });

export const numberIn = (value: Json | string | null | undefined): number | undefined =>
  value === null || value === undefined || value === '' ? undefined : Number(value);
