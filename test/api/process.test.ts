import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KeyRing } from '../../platform/key-ring.ts';
import { anyFreePort } from '../../scripts/dev/ports.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { eventually } from '../support/eventually.ts';

/** On a busy machine a process may start slowly. */
const START_MS = 40_000;
const main = fileURLToPath(new URL('../../api/main.ts', import.meta.url));

/** The API as a process of its own, with exactly this environment. */
function start(env: Record<string, string>) {
  const child = execa(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    env,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: 60_000,
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await child;
  });
  return child;
}

/** A development environment with nothing behind it but the embedded stores. */
async function developmentEnvironment() {
  const [port, nowhere] = [await anyFreePort(), await anyFreePort()];
  const env = {
    MOORING_MODE: 'dev',
    MOORING_STATE_DIR: temporaryFolder(),
    MOORING_KEYS: KeyRing.generate(),
    TEMPORAL_ADDRESS: `127.0.0.1:${nowhere}`,
    PORT: String(port),
  };
  return { env, url: `http://127.0.0.1:${port}` };
}

const untilUp = async (url: string): Promise<void> =>
  void (await eventually('the API to be up', async () => (await fetch(`${url}/healthz`)).ok, START_MS));

describe('the process of the API', { timeout: 60_000 }, () => {
  it('the API refuses to start in production without its stores, and names every missing variable at once', async () => {
    const { exitCode, stderr } = await start({});
    expect(exitCode).toBe(78);
    const lines = stderr.split('\n');
    for (const name of ['PUBLIC_URL', 'TEMPORAL_ADDRESS', 'VAULT_ADDR', 'REDIS_URL', 'MOORING_KEYS']) {
      expect(lines.filter((line) => line.startsWith(`${name} is not set`))).toHaveLength(1);
    }
  });

  it('the API refuses to start with a redirect URI of another origin, in one sentence', async () => {
    const { env } = await developmentEnvironment();
    const redirect = 'https://tunnel.example/ovh/oauth2/callback';
    const client = { OVH_EU_CLIENT_ID: 'id', OVH_EU_CLIENT_SECRET: 'secret', OVH_EU_REDIRECT_URI: redirect };
    const { exitCode, stderr } = await start({ ...env, ...client });
    expect(exitCode).toBe(78);
    expect(stderr.split('\n')).toHaveLength(1);
    expect(stderr).toContain('OVH_EU_REDIRECT_URI');
    expect(stderr).toContain(`PUBLIC_URL (http://localhost:${env.PORT})`);
  });

  it('the API reports in one sentence that its port is in use', async () => {
    const { env } = await developmentEnvironment();
    const other = createServer().listen(Number(env.PORT), '127.0.0.1');
    onTestFinished(() => void other.close());
    const { exitCode, stderr } = await start(env);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Port \d+ is in use/);
    expect(stderr.split('\n')).toHaveLength(1);
  });

  it('the API is alive while Temporal is unavailable, and reports that it is not ready and which part is not', async () => {
    const { env, url } = await developmentEnvironment();
    void start(env);
    await untilUp(url);
    const reply = await fetch(`${url}/readyz`);
    expect(reply.status).toBe(503);
    expect(await reply.json()).toEqual({
      status: 'not_ready',
      checks: [
        { name: 'temporal', ok: false },
        { name: 'secret_store', ok: true },
        { name: 'ephemeral_store', ok: true },
        { name: 'workers', ok: false },
      ],
    });
  });

  it('the API finishes requests in flight on SIGTERM, and then exits with code 0', async () => {
    const { env, url } = await developmentEnvironment();
    const child = start(env);
    await untilUp(url);
    const form = { 'content-type': 'application/x-www-form-urlencoded', expect: '100-continue' };
    const inFlight = request(`${url}/connect/no-token`, { method: 'POST', headers: form });
    inFlight.flushHeaders();
    // The server has the request, and waits for its body.
    await once(inFlight, 'continue');
    child.kill('SIGTERM');
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => String(chunk).includes('Draining') && resolve());
    });
    inFlight.end('passcode=x');
    const [response] = (await once(inFlight, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(404);
    expect(response.headers.connection).toBe('close');
    response.resume();
    expect((await child).exitCode).toBe(0);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });
});
