import { readFileSync } from 'node:fs';

/** How a request authenticated itself, as the recording server saw it. */
export type RequestAuth = 'bearer' | 'signed' | 'application' | 'basic' | 'none';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** 0 = the connection was dropped without an answer. */
  readonly status: number;
  readonly auth: RequestAuth;
}

/** One run of the real program; see test/data/ovhcloud/README.md. */
export interface CapturedRun {
  readonly case: string;
  readonly args: readonly string[];
  readonly auth: 'token' | 'appkey' | 'oauth2cc' | 'none';
  /** What the simulated API did: `ok`, `empty`, `403iam`, `detail403`, … */
  readonly api: string;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly requests: readonly RecordedRequest[];
}

const file = new URL('../../data/ovhcloud/captured-runs.json', import.meta.url);

export const capturedRuns = JSON.parse(readFileSync(file, 'utf8')) as readonly CapturedRun[];

export function capturedRun(name: string): CapturedRun {
  const run = capturedRuns.find((candidate) => candidate.case === name);
  if (run === undefined) throw new Error(`No captured run is named "${name}".`);
  return run;
}
