import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const root = join(import.meta.dirname, '../../..');

interface Service {
  readonly image: string;
  readonly build?: { readonly args: Readonly<Record<string, string>> };
}
interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
}

/** As `docker compose config` resolves our file: everything in one document, with the values of `.env` in it. */
const resolved = (): ComposeFile & { name: string } => {
  const file = readFileSync(join(root, 'docker-compose.yml'), 'utf8').replaceAll(/\$\{\w+:\?[^}]*\}/g, 'a-secret');
  return parse(file.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1'), { merge: true }) as ComposeFile & { name: string };
};

const digestOf = (image: string): string => `sha256:${createHash('sha256').update(image).digest('hex')}`;

/** The script in a folder of its own, with a `docker` that prints the given configuration and gives digests. */
function prepare(config: object, lookUp = 'printf "sha256:%s" "$(printf %s "$6" | sha256sum | cut -d " " -f 1)"') {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'deploy'));
  for (const file of ['Dockerfile', 'deploy/pin-images.sh']) cpSync(join(root, file), join(folder, file));
  writeFileSync(join(folder, 'config.yaml'), stringify(config, { lineWidth: 0 }));
  const docker = join(folder, 'docker');
  const script = `case "$1" in compose) cat ${join(folder, 'config.yaml')} ;; buildx) ${lookUp} ;; esac`;
  writeFileSync(docker, `#!/bin/sh\n${script}\n`);
  chmodSync(docker, 0o755);
  const lock = join(folder, 'deploy/images.lock.yaml');
  const run = async () =>
    await execa('sh', [join(folder, 'deploy/pin-images.sh')], {
      env: { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` },
      reject: false,
    });
  return { run, lock, read: () => parse(readFileSync(lock, 'utf8')) as ComposeFile };
}

test('every image and both bases of our own images are written with the digest of their tag', async () => {
  const config = resolved();
  const { run, read } = prepare(config);
  expect(await run()).toMatchObject({ exitCode: 0 });
  const { services } = read();
  expect(Object.keys(services)).toEqual(Object.keys(config.services));
  const version = /^ARG NODE_VERSION=(.+)$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))?.[1] ?? '';
  const [node, slim] = [`node:${version}-bookworm`, `node:${version}-bookworm-slim`];
  const args = { NODE_IMAGE: `${node}@${digestOf(node)}`, NODE_SLIM_IMAGE: `${slim}@${digestOf(slim)}` };
  for (const [name, { image }] of Object.entries(config.services)) {
    const own = name === 'api' || name === 'worker';
    expect(services[name]).toEqual(own ? { build: { args } } : { image: `${image}@${digestOf(image)}` });
  }
});

test('the file of digests has nothing of the secrets that Compose prints', async () => {
  const { run, lock } = prepare(resolved());
  await run();
  expect(readFileSync(lock, 'utf8')).not.toContain('a-secret');
});

test('an image that has a digest already is looked up by its tag, so that the file can be made again', async () => {
  const { run, read } = prepare({ name: 'x', services: { redis: { image: `redis:7.2@${digestOf('old')}` } } });
  await run();
  expect(read().services['redis']?.image).toBe(`redis:7.2@${digestOf('redis:7.2')}`);
});

test.each([
  ['one image has no digest', 'case "$6" in caddy*) echo "<no value>" ;; *) echo sha256:$(printf %064d 1) ;; esac'],
  ['a registry does not answer', 'echo "no such host" >&2; exit 1'],
])('no file is written where %s', async (_what, lookUp) => {
  const { run, lock } = prepare(resolved(), lookUp);
  const { exitCode, stderr } = await run();
  expect(exitCode).toBe(1);
  expect(stderr).toContain('deploy/images.lock.yaml is as it was');
  expect(existsSync(lock)).toBe(false);
  expect(existsSync(`${lock}.new`)).toBe(false);
});
