import { join } from 'node:path';
import { expect, test } from 'vitest';
import { complete } from '../../../cli/completion.ts';
import { openConfigFile } from '../../../cli/config/file.ts';
import { createProgram, forEachCommand, runProgram } from '../../../cli/program.ts';
import type { Dependencies } from '../../../cli/context.ts';
import { json, problem, serve } from '../client/server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { fakeTerminal } from './terminal.ts';

const tree = createProgram(() => ({}) as never, '1.0.0');

interface RunOptions extends Partial<Omit<Dependencies, 'terminal'>>, NonNullable<Parameters<typeof fakeTerminal>[0]> {}

async function run(args: readonly string[], { url, ...options }: RunOptions & { url?: string } = {}) {
  const terminal = fakeTerminal(options);
  const exitCode = await runProgram(args, {
    environment: url === undefined ? {} : { MOORING_URL: url, MOORING_API_KEY: 'mrg_key' },
    config: openConfigFile(join(temporaryFolder(), 'mooring', 'config.json')),
    localStack: () => undefined,
    signal: new AbortController().signal,
    version: '1.0.0',
    runChild: () => Promise.resolve(0),
    openInBrowser: () => Promise.resolve(true),
    ...options,
    terminal,
  });
  return { exitCode, out: terminal.written(), said: terminal.said().join('\n') };
}

test('every command has a description, and no option takes a key or a secret', () => {
  const silent: string[] = [];
  forEachCommand(tree, (command) => {
    if (command.name().startsWith('_')) return;
    if (command.description() === '') silent.push(command.name());
    for (const { long } of command.options) expect(long).not.toMatch(/key|secret|token|password/);
  });
  expect(silent).toEqual([]);
});

test.each([
  [['conn'], ['connect', 'connection']],
  [
    ['connection', 're'],
    ['reauthorize', 'recover', 'refresh', 'rename', 'resume', 'revoke-link'],
  ],
  [['connection', 'list', '--st'], ['--status']],
  [
    ['resource', 'export', '--format', ''],
    ['csv', 'ndjson'],
  ],
  [['-o', 'nd'], ['ndjson']],
  [['--profile', 'x', 'audit', 'e'], ['export']],
  [
    ['completion', ''],
    ['bash', 'fish', 'zsh'],
  ],
  [['credentials', 'exec', 'con_1', '--', 'l'], []],
  [['connect', '--json'], ['--json']],
])('%j is completed to %j', (words, expected) => {
  expect(complete(tree, words)).toEqual(expected);
});

test('without an installation the exit code is 4, with the remedy and the code', async () => {
  const { exitCode, said } = await run(['connection', 'list']);

  expect(exitCode).toBe(4);
  expect(said).toContain('remedy: Run "mooring login --url URL"');
  expect(said).toContain('code: not_signed_in');
});

test('an error of the API is printed with its remedy, code and request id, and the exit code is 1', async () => {
  const { url } = await serve(problem(404, 'connection_not_found'));

  expect(await run(['connection', 'get', 'con_1'], { url })).toEqual({
    exitCode: 1,
    out: '',
    said: 'error: It is so.\nremedy: Do that.\ncode: connection_not_found\nrequest id: req-1',
  });
});

test('a key that is refused gives the exit code 4', async () => {
  const { url } = await serve(problem(401, 'unauthenticated'));
  expect((await run(['connection', 'list'], { url })).exitCode).toBe(4);
});

test('a mistake on the command line gives the exit code 1 and a suggestion; help gives 0 on standard output', async () => {
  const wrong = await run(['connection', 'lst']);
  expect(wrong.exitCode).toBe(1);
  expect(wrong.said).toContain('Did you mean list?');
  const help = await run(['connection', '--help']);
  expect(help.exitCode).toBe(0);
  expect(help.out).toContain('try-now');
  expect((await run(['--help'])).out).not.toContain('__complete');
});

const connection = { id: 'con_1', name: 'Acme', account: null };

test('what destroys asks first: no is exit code 2, and without anybody to ask it is an error', async () => {
  const { url, received } = await serve(json(200, connection));

  const refused = await run(['connection', 'disconnect', 'con_1'], { url, canAsk: true, answers: ['n'] });
  expect(refused.exitCode).toBe(2);
  expect(refused.said).toContain('Disconnect con_1, Acme for good? [y/N]');
  const unasked = await run(['connection', 'disconnect', 'con_1', '--no-input'], { url, canAsk: true });
  expect(unasked).toMatchObject({ exitCode: 1 });
  expect(unasked.said).toContain('code: confirmation_required');
  expect(received.filter(({ method }) => method === 'DELETE')).toEqual([]);
});

const lease = {
  provider: 'sky',
  credential: { access_token: 'the-secret' },
  expiresAt: '2026-11-30T00:00:00Z',
  warnings: [],
};

test('no secret reaches a terminal without --show', async () => {
  const { url, received } = await serve(json(200, lease));
  const on = async (isOutputShown: boolean, ...args: string[]) =>
    await run(['credentials', ...args], { url, isOutputShown });

  expect((await on(true, 'get', 'con_1')).out).not.toContain('the-secret');
  const asked = received.length;
  for (const args of [
    ['get', 'con_1', '--field', 'access_token'],
    ['get', 'con_1', '--format', 'environment'],
    ['credential-process', 'con_1'],
    ['kubectl', 'con_1'],
  ]) {
    expect(await on(true, ...args)).toMatchObject({ exitCode: 1, out: '' });
  }
  expect((await run(['api', 'get', '/v1/connections/con_1/credentials'], { url })).out).toBe('');
  expect((await run(['api-key', 'create', '--name', 'ci', '--scope', 'admin'], { url })).out).toBe('');
  expect(received.length, 'nothing was asked for').toBe(asked);

  expect((await on(true, 'get', 'con_1', '--field', 'access_token', '--show')).out).toBe('the-secret');
  expect((await on(false, 'get', 'con_1', '--field', 'access_token')).out).toBe('the-secret');
  expect(JSON.parse((await on(false, 'kubectl', 'con_1')).out)).toMatchObject({
    kind: 'ExecCredential',
    status: { token: 'the-secret', expirationTimestamp: '2026-11-30T00:00:00Z' },
  });
});

test('a program gets the credentials in its environment, without the key of Mooring, and decides the exit code', async () => {
  const { url } = await serve(json(200, { SKY_TOKEN: 'the-secret' }));
  const started: unknown[] = [];

  const { exitCode } = await run(['credentials', 'exec', 'con_1', '--', 'sky', '--json', 'ls'], {
    environment: { MOORING_URL: url, MOORING_API_KEY: 'mrg_key', HOME: '/h' },
    runChild: (command, environment) => {
      started.push(command, environment);
      return Promise.resolve(7);
    },
  });

  expect(exitCode).toBe(7);
  expect(started).toEqual([['sky', '--json', 'ls'], { MOORING_URL: url, HOME: '/h', SKY_TOKEN: 'the-secret' }]);
});

test('a secret value is not taken as an argument, and is asked for without appearing', async () => {
  const field = { name: 'api_secret', label: 'Secret', hint: 'Shown once.', secret: true, required: true };
  const guide = json(200, { fields: [field], variants: [], blocks: [] });
  const { url, received } = await serve(guide);

  const refused = await run(['connection', 'submit', 'con_1', '--field', 'api_secret=s3cret'], { url });

  expect(refused).toMatchObject({ exitCode: 1 });
  expect(refused.said).toContain('"api_secret" is secret');
  expect(refused.said).not.toContain('s3cret');
  expect(received).toHaveLength(1);
});

test('login reads the key from a pipe, tries it, and keeps it in the profile', async () => {
  const { url, received } = await serve(json(200, { items: [] }));
  const config = openConfigFile(join(temporaryFolder(), 'mooring', 'config.json'));

  const { exitCode, said } = await run(['login', '--url', url, '--profile', 'work'], { config, input: 'mrg_abc\n' });

  expect(exitCode).toBe(0);
  expect(said).not.toContain('mrg_abc');
  expect(received[0]?.headers.authorization).toBe('Bearer mrg_abc');
  expect(config.read()).toEqual({ current: 'work', profiles: { work: { url, apiKey: 'mrg_abc' } } });
  expect((await run(['profile', 'list'], { config, isOutputShown: false })).out).toBe(`work\t${url}\t*\n`);
  expect((await run(['logout'], { config })).exitCode).toBe(0);
  expect(config.read()).toEqual({ current: null, profiles: {} });
});

test('login keeps nothing where the key is refused', async () => {
  const { url } = await serve(problem(401, 'unauthenticated'));
  const config = openConfigFile(join(temporaryFolder(), 'mooring', 'config.json'));

  expect((await run(['login', '--url', url], { config, input: 'mrg_abc' })).exitCode).toBe(4);
  expect(config.read().profiles).toEqual({});
});

test('a long list says on a terminal that it is cut, and a program gets all of it', async () => {
  const items = Array.from({ length: 120 }, (_, index) => ({ id: `con_${index}`, account: null, problem: null }));
  const { url } = await serve(json(200, { items, nextCursor: null }));

  const shown = await run(['connection', 'list'], { url });
  expect(shown.out.trimEnd().split('\n')).toHaveLength(101);
  expect(shown.said).toContain('The first 100; there are more: --limit 0 shows all.');
  const piped = await run(['connection', 'list'], { url, isOutputShown: false });
  expect(piped.out.trimEnd().split('\n')).toHaveLength(120);
});

test('status names what is down and ends with 1, without sending the key to a public address', async () => {
  const checks = [
    { name: 'temporal', ok: true },
    { name: 'workers', ok: false },
  ];
  const { url, received } = await serve(json(503, { status: 'not_ready', checks }), json(200, { items: [] }));

  const { exitCode, out } = await run(['status'], { url, isOutputShown: false });

  expect(exitCode).toBe(1);
  expect(out).toBe('temporal\tok\t\nworkers\tdown\tthe log of the API says why\n');
  expect(received[0]?.headers.authorization).toBeUndefined();
});

test('only a web page is opened, whatever a cloud named as the place of its remedy', async () => {
  const opened: string[] = [];
  const openWith = async (link: string) => {
    const found = { code: 'c', message: 'm', remedy: 'r', link };
    const { url } = await serve(json(200, { ...connection, problem: found }));
    const openInBrowser = (page: string): Promise<boolean> => Promise.resolve(opened.push(page) > 0);
    return await run(['open', 'con_1'], { url, openInBrowser });
  };

  expect((await openWith('file:///etc/passwd')).said).toContain('code: nothing_to_open');
  expect((await openWith('https://cloud.example/consent')).exitCode).toBe(0);
  expect(opened).toEqual(['https://cloud.example/consent']);
});

test('a profile for AWS tools has one section, whatever the connection is called, and is made for AWS alone', async () => {
  const name = 'a]\ncredential_process = evil';
  const { url } = await serve(
    json(200, { ...connection, name, provider: 'aws' }),
    json(200, { ...connection, provider: 'sky' }),
  );
  const aws = ['credentials', 'aws-config', 'con_1', '--aws-region', 'eu-west-3'];

  expect((await run(aws, { url })).out).toBe(
    [
      '[profile a-credential_process-evil]',
      'credential_process = mooring credentials credential-process con_1',
      'region = eu-west-3',
      '',
    ].join('\n'),
  );
  expect((await run(aws, { url })).said).toContain('is not an AWS account');
});
