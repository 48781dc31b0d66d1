import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { CapturedRun, RecordedRequest } from './captured-runs.ts';
import { createRecordedApi } from './recorded-api.ts';
import { scenarioOf, type Scenario } from './scenarios.ts';
import { authorityFile, createTlsProxy } from './tls-proxy.ts';

export interface Replayed {
  readonly exit: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly requests: readonly RecordedRequest[];
  readonly complaints: readonly string[];
}

/** Runs a program as a captured run was run, against an API that answers as it did then. */
export async function replay(run: CapturedRun, program: string): Promise<Replayed> {
  const scenario = scenarioOf(run);
  const api = createRecordedApi(run, scenario.env['OVH_APPLICATION_SECRET'] ?? '');
  const server = await listen(scenario.transport === 'proxy' ? createTlsProxy : createServer, api.listener);
  const folder = await mkdtemp(join(tmpdir(), 'ovhcloud-replay-'));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    if (scenario.conf !== undefined) await writeFile(join(folder, 'ovh.conf'), withBase(scenario.conf, origin));
    const [file, ...before] = program.endsWith('.mjs') ? [process.execPath, program] : [program];
    const result = await execa(file, [...before, ...run.args, ...scenario.flags], {
      cwd: folder,
      env: environment(run, scenario, origin, folder),
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
      stripFinalNewline: false,
      detached: true,
    });
    return {
      exit: result.exitCode,
      stdout: normalised(result.stdout, origin),
      stderr: normalised(result.stderr, origin),
      requests: api.requests,
      complaints: api.complaints,
    };
  } finally {
    api.release();
    server.close();
    await rm(folder, { recursive: true });
  }
}

async function listen(create: (listener: RequestListener) => Server, listener: RequestListener): Promise<Server> {
  const server = create(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function environment(run: CapturedRun, scenario: Scenario, origin: string, folder: string): Record<string, string> {
  const env = Object.entries(scenario.env).map(([name, value]) => [name, withBase(value, origin)]);
  return {
    ...Object.fromEntries(env),
    HOME: folder,
    // Read by the stand-in alone, where nobody answers: its limit is the real program's 180 s, and a busy machine may
    // well need more than a moment for an answer that does come.
    ...(run.api === 'hang' ? { OVHCLOUD_STANDIN_TIMEOUT_MS: '300' } : {}),
    ...(scenario.transport === 'proxy'
      ? { HTTPS_PROXY: origin, SSL_CERT_FILE: authorityFile(scenario.trusts ?? 'authority') }
      : {}),
  };
}

const withBase = (text: string, origin: string): string => text.replaceAll('{base}', origin);

/**
 * Takes out what differs from run to run: ports, time, memory addresses, the resolver's address, where the program
 * was built, and which of two timers of Go's HTTP client rings first.
 */
export function normalised(text: string, origin = 'http://127.0.0.1:9'): string {
  return text
    .replaceAll(origin, 'http://API')
    .replaceAll('http://127.0.0.1:9/', 'http://API/')
    .replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /gm, '<time> ')
    .replace(/0x[0-9a-f]+/g, '0x…')
    .replace(/^\t\S*\/(\S+\.go:\d+)/gm, '\t<source>/$1')
    .replace(/ on \S+:53: /g, ' on <resolver>: ')
    .replace('context deadline exceeded (Client.Timeout', 'net/http: request canceled (Client.Timeout');
}
