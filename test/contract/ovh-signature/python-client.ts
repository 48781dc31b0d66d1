import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import type { OvhKeys } from '../../../sandbox/clouds/ovh/control-client.ts';

export interface ClientCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: object;
}

export type ClientOutcome = { readonly answer: unknown } | { readonly error: string; readonly message: string };

/** Makes calls with the PyPI client `ovh`, one after the other. `endpoint` ends in `/1.0`. */
export async function callWithPython(
  python: string,
  task: { endpoint: string; keys: OvhKeys; calls: readonly ClientCall[] },
): Promise<ClientOutcome[]> {
  const child = spawn(python, [join(import.meta.dirname, 'client.py')], {
    // It reads ovh.conf files of its folder and its user's; neither has one.
    cwd: import.meta.dirname,
    env: { PATH: process.env['PATH'] ?? '', HOME: import.meta.dirname, NO_PROXY: '*' },
  });
  const [exited, output, complaints] = [once(child, 'close'), text(child.stdout), text(child.stderr)];
  child.stdin.end(JSON.stringify(task));
  const [code] = (await exited) as [number | null];
  if (code !== 0) throw new Error(`The client ended with ${code}: ${await complaints}`);
  return JSON.parse(await output) as ClientOutcome[];
}
