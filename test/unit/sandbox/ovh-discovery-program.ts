import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { JsonObject } from '../../../platform/json.ts';
import { capturedRun } from '../../contract/ovhcloud/captured-runs.ts';
import { testProgram } from '../../contract/ovhcloud/lister-harness.ts';
import { projectId as capturedProject } from '../../contract/ovhcloud/recorded-world.ts';
import type { OvhUnderTest } from './ovh-under-test.ts';

export interface ProgramRun {
  readonly exit: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ovhcloud` against the sandbox, with a token of its own: the arguments of a captured run, in another project. */
export async function runProgram(
  ovh: OvhUnderTest,
  request: { accessToken: string; projectId: string; captured: string; flags?: readonly string[] },
): Promise<ProgramRun> {
  const { accessToken, projectId, captured, flags = [] } = request;
  const program = await testProgram();
  const [file, ...before] = program.endsWith('.mjs') ? [process.execPath, program] : [program];
  const args = capturedRun(captured).args.map((argument) => (argument === capturedProject ? projectId : argument));
  const folder = await mkdtemp(join(tmpdir(), 'ovhcloud-sandbox-'));
  try {
    const { exitCode, stdout, stderr } = await execa(file, [...before, ...args, ...flags, '--json'], {
      cwd: folder,
      env: {
        HOME: folder,
        OVH_ACCESS_TOKEN: accessToken,
        OVH_ENDPOINT: ovh.environment['OVH_EU_API_URL'] ?? '',
        OVH_PROFILE: 'default',
        OVHCLOUD_STANDIN_TIMEOUT_MS: '5000',
      },
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
      maxBuffer: 50_000_000,
    });
    return { exit: exitCode, stdout, stderr };
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const rowsOf = ({ stdout }: Pick<ProgramRun, 'stdout'>): JsonObject[] => JSON.parse(stdout) as JsonObject[];

/** What a failed run says, without what names the run: origins, ids, times. */
export function said(text: string): string {
  return text
    .replace(/http:\/\/[^/\s]+(\/ovh-eu)?\/1\.0/g, 'http://API/1.0')
    .replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /gm, '<time> ')
    .replace(/X-OVH-Query-Id: [^)]+\)/g, 'X-OVH-Query-Id: <id>)')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
    .replace(/[0-9a-f]{32}/g, '<project>')
    .replace(/ns\d+\.ip-[\d-]+\.eu/g, '<server>')
    .trim();
}
