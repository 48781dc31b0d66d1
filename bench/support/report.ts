import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from './machine.ts';

export type Cell = string | number | null;

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A number that the benchmark is there for, and what it should be. */
export interface Verdict {
  readonly what: string;
  /** Null where it could not be measured. */
  readonly value: number | null;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** What one benchmark found out. */
export interface Findings {
  readonly tables: readonly Table[];
  readonly verdicts: readonly Verdict[];
  /** Sentences for the reader of the tables. */
  readonly notes: readonly string[];
}

export interface Report extends Findings {
  readonly name: string;
  readonly title: string;
  readonly startedAt: string;
  readonly tookSeconds: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly machine: Machine;
}

/** Null: there is no target, or nothing was measured. */
export function holds({ value, atLeast, atMost }: Verdict): boolean | null {
  if (value === null || (atLeast === undefined && atMost === undefined)) return null;
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
}

export function targetOf({ atLeast, atMost }: Verdict): string {
  const parts = [atLeast === undefined ? '' : `≥ ${atLeast}`, atMost === undefined ? '' : `≤ ${atMost}`];
  return parts.filter((part) => part !== '').join(' and ');
}

const resultsFolder = join(import.meta.dirname, '../results');

export async function writeReport(report: Report): Promise<string> {
  await mkdir(resultsFolder, { recursive: true });
  const file = join(resultsFolder, `${report.name}.json`);
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}

/** Null where that benchmark has not run here. */
export async function readReport(name: string): Promise<Report | null> {
  try {
    return JSON.parse(await readFile(join(resultsFolder, `${name}.json`), 'utf8')) as Report;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
