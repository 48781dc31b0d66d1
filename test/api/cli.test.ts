import { statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { connect, platform, signIn } from './support/connect.ts';
import { mooring } from './support/mooring.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();
const cloud = ['ovh', '--region', 'ovh-eu'];

describe.skipIf(address === null)('the mooring program', { timeout: 60_000 }, () => {
  let stack: Stack;
  let authorization: string;
  let id: string;

  const keyOf = (header: string): string => header.replace('Bearer ', '');
  const environment = (key = keyOf(authorization)) => ({
    MOORING_URL: stack.publicUrl,
    MOORING_API_KEY: key,
    XDG_CONFIG_HOME: temporaryFolder(),
  });
  const run = async (...args: string[]) => await mooring(args, environment());

  beforeAll(async () => {
    stack = await startStack(address ?? '', { listens: true });
    ({ authorization } = await stack.keyFor('acme', 'admin'));
    id = (await connect(stack, platform(stack, { authorization }), { name: 'First' })).connection.id;
  }, 120_000);

  it('a person connects an account: connect --wait prints the link and ends when the account is there', async () => {
    const running = mooring(['connect', ...cloud, '--name', 'Acme', '--tag', 'prod', '--wait'], environment());
    let link: string | undefined;
    for await (const line of running) {
      const [name, value] = line.split('\t');
      if (name === 'link') {
        link = value;
        const { browser, callback } = await signIn(stack, value ?? '');
        expect((await browser.open(callback)).statusCode).toBe(303);
      }
    }
    const { exitCode, stderr } = await running;

    expect(exitCode, stderr).toBe(0);
    expect(link).toContain(`${stack.publicUrl}/connect/`);
    expect(stderr).toMatch(/con_\w+ is active\.\n$/);
  });

  it('connect --wait ends with 8 when the time is over', async () => {
    const { exitCode, stderr } = await run('connect', ...cloud, '--wait', '--timeout', '1');

    expect(exitCode).toBe(8);
    expect(stderr).toContain('code: waited_in_vain');
  });

  it('a list is TSV in a pipe, and JSON or NDJSON where it is asked for', async () => {
    const listed = await run('connection', 'list', '--status', 'active');
    const json = await run('connection', 'list', '--status', 'active', '--json', 'id,name,problem');
    const ndjson = await run('connection', 'list', '-o', 'ndjson');

    expect(listed.exitCode, listed.stderr).toBe(0);
    expect(listed.stdout.split('\n')).toContainEqual(
      expect.stringMatching(new RegExp(`^${id}\tovh\tovh-eu\tactive\t`)),
    );
    expect(JSON.parse(json.stdout)).toContainEqual({ id, name: 'First', problem: null });
    const ids = ndjson.stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toContain(id);
  });

  it('verbs show the connection after them, and the timeline who asked', async () => {
    const paused = await run('connection', 'pause', id, '--json', 'status');
    const resumed = await run('connection', 'resume', id, '--json', 'status');
    const tagged = await run('connection', 'tag', id, '--add', 'blue', '--json', 'tags');
    const timeline = await run('connection', 'timeline', id);

    expect(JSON.parse(paused.stdout)).toEqual({ status: 'paused' });
    expect(JSON.parse(resumed.stdout)).toEqual({ status: 'active' });
    expect(JSON.parse(tagged.stdout)).toEqual({ tags: ['blue'] });
    expect(timeline.stdout).toMatch(/\tpaused\tkey [0-9a-f]{16}\t/);
  });

  it('exec gives a program the credential under the variables of its cloud, and ends as the program does', async () => {
    const code = "process.stdout.write(process.env.OVH_ENDPOINT + ' ' + process.env.OVH_ACCESS_TOKEN); process.exit(9)";
    const { exitCode, stdout } = await run('credentials', 'exec', id, '--', process.execPath, '-e', code);
    const token = await run('credentials', 'get', id, '--field', 'access_token');

    expect(exitCode).toBe(9);
    expect(stdout).toBe(`ovh-eu ${token.stdout}`);
    expect(token.stdout.length).toBeGreaterThan(10);
  });

  it('Ctrl-C reaches the program that exec runs, and its exit code counts', async () => {
    const code =
      "process.on('SIGINT', () => process.exit(5)); console.log('ready'); setTimeout(() => process.exit(1), 20_000)";
    const running = mooring(['credentials', 'exec', id, '--', process.execPath, '-e', code], environment());
    for await (const line of running) if (line === 'ready') running.kill('SIGINT');

    expect((await running).exitCode).toBe(5);
  });

  it('Ctrl-C ends what waits with the exit code 2', async () => {
    const running = mooring(['event', 'tail', '--from', 'oldest', '-o', 'ndjson'], environment());
    let killed = false;
    for await (const line of running) {
      expect(JSON.parse(line)).toMatchObject({ type: 'event', data: { event: expect.any(String) as string } });
      if (!killed) killed = running.kill('SIGINT');
    }

    expect((await running).exitCode).toBe(2);
  });

  it('errors: an unknown connection is 1, a key that is not valid 4, and both name the request', async () => {
    const unknown = await run('connection', 'get', `con_${'a'.repeat(26)}`);
    const key = await mooring(['connection', 'list'], environment(`mrg_${'0'.repeat(16)}_${'A'.repeat(43)}`));

    expect(unknown.exitCode).toBe(1);
    expect(unknown.stderr).toMatch(/code: connection_not_found\nrequest id: \S+\n$/);
    expect(key.exitCode).toBe(4);
    expect(key.stderr).toMatch(/code: unauthenticated\nrequest id: \S+\n$/);
  });

  it('login keeps the key where only its owner reads it, and the profile is used from then on', async () => {
    const home = temporaryFolder();
    const login = await mooring(['login', '--url', stack.publicUrl], { XDG_CONFIG_HOME: home }, keyOf(authorization));
    const whoami = await mooring(['whoami', '-o', 'json'], { XDG_CONFIG_HOME: home });

    expect(login.exitCode, login.stderr).toBe(0);
    expect(statSync(join(home, 'mooring/config.json')).mode & 0o777).toBe(0o600);
    expect(JSON.parse(whoami.stdout)).toMatchObject({ from: 'profile default', tenant: 'acme', scopes: ['admin'] });
    expect(whoami.stdout + whoami.stderr).not.toContain(keyOf(authorization).split('_')[2]);
  });

  it('an operator pauses a cloud and resumes it; a tenant’s key may not', async () => {
    const operator = environment(keyOf((await stack.operatorKey('operator:providers')).authorization));

    const paused = await mooring(
      ['provider', 'pause', 'gcp', '--reason', 'Maintenance.', '--yes', '-o', 'json'],
      operator,
    );
    const resumed = await mooring(['provider', 'resume', 'gcp', '-o', 'json'], operator);
    const refused = await run('provider', 'pause', 'gcp', '--yes');

    expect(JSON.parse(paused.stdout)).toMatchObject({ id: 'gcp', state: 'paused' });
    expect(JSON.parse(resumed.stdout)).toMatchObject({ id: 'gcp', state: 'ok' });
    expect(refused.stderr).toContain('code: insufficient_scope');
  });

  it('keys are made, rolled and revoked; a new key is the whole output', async () => {
    const made = await run(
      'api-key',
      'create',
      '--name',
      'ci',
      '--scope',
      'connections:read',
      '--expires-in-days',
      '7',
    );
    const key = made.stdout.trim();
    const rolled = await run('api-key', 'roll', key.split('_')[1] ?? '', '--overlap-hours', '0');
    const next = rolled.stdout.trim();

    expect(key, made.stderr).toMatch(/^mrg_[0-9a-f]{16}_\S{43}$/);
    expect((await mooring(['connection', 'list'], environment(next))).exitCode).toBe(0);
    expect((await run('api-key', 'revoke', next.split('_')[1] ?? '', '--yes')).exitCode).toBe(0);
    expect((await mooring(['connection', 'list'], environment(next))).exitCode).toBe(4);
  });

  it('an account of a form is submitted from a pipe, without a value in the arguments', async () => {
    const made = await run('connect', ...cloud, '--method', 'api_credentials', '--json', 'connection.id');
    const form = (JSON.parse(made.stdout) as { 'connection.id': string })['connection.id'];
    const guide = await run('connection', 'guide', form, '-o', 'json');
    const missing = await run('connection', 'submit', form);

    expect(JSON.parse(guide.stdout)).toMatchObject({ flow: 'form' });
    expect(missing.stderr).toContain('code: input_required');
    const values = {
      application_key: 'a'.repeat(16),
      application_secret: 'b'.repeat(32),
      consumer_key: 'c'.repeat(32),
    };
    const submitted = await mooring(
      ['connection', 'submit', form, '--stdin', '--json', 'status'],
      environment(),
      JSON.stringify(values),
    );
    expect(JSON.parse(submitted.stdout), submitted.stderr).toEqual({ status: 'verifying' });
  });

  it('disconnect --wait ends when the connection is disconnected', async () => {
    const { exitCode, stdout, stderr } = await run(
      'connection',
      'disconnect',
      id,
      '--yes',
      '--wait',
      '--json',
      'status',
    );

    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ status: 'disconnected' });
  });
});
