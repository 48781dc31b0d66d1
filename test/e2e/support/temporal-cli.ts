import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findTemporal } from '../../../scripts/components/temporal.mjs';
import type { World } from './world.ts';

/** `temporal …` as an operator types it, against one world; answers what it prints. */
export async function temporalCli({ temporal }: World, ...args: string[]): Promise<string> {
  const program = await findTemporal();
  if (program === null) throw new Error('The Temporal CLI is not on this machine.');
  const where = ['--address', temporal.address, '--namespace', temporal.namespace, '--color', 'never'];
  return (await promisify(execFile)(program, [...args, ...where], { maxBuffer: 16 * 1024 * 1024 })).stdout;
}
