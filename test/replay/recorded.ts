import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { temporal } from '@temporalio/proto';
import type { History } from '../workflows/support/connection.ts';

const { History: Recorded } = temporal.api.history.v1;
const root = fileURLToPath(new URL('../../', import.meta.url));

export const pathOf = (name: string): URL => new URL(`./histories/${name}.json`, import.meta.url);

/** Every run of a recorded life. */
export const recorded = (name: string): readonly Record<string, unknown>[] =>
  JSON.parse(readFileSync(pathOf(name), 'utf8')) as readonly Record<string, unknown>[];

export const fromRecorded = (run: Record<string, unknown>) => Recorded.fromObject(run);

/** A life's histories as text to keep: without the machine that recorded it, in payloads neither. */
export function toText(histories: readonly History[]): string {
  const runs = histories.map((history) =>
    Recorded.toObject(Recorded.create(history), { longs: String, bytes: String, enums: String }),
  );
  return JSON.stringify(runs, (key, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (key === 'data') return Buffer.from(anonymous(Buffer.from(value, 'base64').toString())).toString('base64');
    return key === 'identity' ? 'recorder' : anonymous(value);
  });
}

const anonymous = (text: string): string => text.replaceAll(root, '').replaceAll(hostname(), 'recorder');

/** All that a recorded history says, its payloads in clear. */
export const payloadsOf = (runs: readonly unknown[]): string =>
  JSON.stringify(runs, (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value,
  );
