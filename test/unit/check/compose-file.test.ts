import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { composeFile } from '../../../scripts/check/compose-file.ts';
import { repositoryOf } from './plant.ts';

const text = readFileSync(join(import.meta.dirname, '../../../docker-compose.yml'), 'utf8');

/** A service as the file has it, open to being spoilt. */
type Service = Record<string, unknown> & { environment: Record<string, string> };

describe('the compose file', () => {
  let file: { services: Record<string, Service> };
  beforeEach(() => {
    file = parse(text, { merge: true }) as typeof file;
  });

  const service = (name: string): Service => {
    const found = file.services[name];
    if (!found) throw new Error(`no service ${name}`);
    return found;
  };

  async function problems(): Promise<readonly string[]> {
    const temporal = ['dynamic-config.yaml', 'setup-schema.sh', 'setup-namespace.sh', 'set-current-version.sh'].map(
      (name) => `deploy/temporal/${name}`,
    );
    const files = ['deploy/caddy/Caddyfile', ...temporal].map((path) => [path, '']);
    const repository = repositoryOf({ ...Object.fromEntries(files), 'docker-compose.yml': stringify(file) });
    return (await composeFile.run(repository)).problems;
  }

  test('as it is, it has no problem', async () => {
    expect(await problems()).toEqual([]);
  });

  test('a missing part of production is named', async () => {
    delete file.services['vault'];
    expect(await problems()).toContain('docker-compose.yml: has no service "vault"');
  });

  test.for(['redis', 'redis:latest', 'redis:7', 'redis:alpine'])('the image "%s" is not pinned', async (image) => {
    service('redis')['image'] = image;
    expect(await problems()).toEqual([expect.stringContaining('redis runs "')]);
  });

  test('a service without a health check, and one that stays down, are named', async () => {
    delete service('redis')['healthcheck'];
    delete service('vault')['restart'];
    expect(await problems()).toEqual([
      'docker-compose.yml: vault is not restarted when it ends',
      'docker-compose.yml: redis has no healthcheck',
    ]);
  });

  test('one API alone is not production', async () => {
    service('api')['deploy'] = { replicas: 1 };
    expect(await problems()).toEqual(['docker-compose.yml: api runs once; production has two of it']);
  });

  test.for([
    ['a literal password', 'POSTGRES_PASSWORD', 'hunter2', 'has a value for POSTGRES_PASSWORD'],
    [
      'a default password',
      'POSTGRES_PASSWORD',
      '${POSTGRES_PASSWORD:-temporal}',
      'has a default secret in POSTGRES_PASSWORD',
    ],
    ['a password in a URL', 'REDIS_URL', 'redis://:hunter2@redis:6379', 'has a password in the URL of REDIS_URL'],
    ['a default key ring', 'MOORING_KEYS', '${MOORING_KEYS:-k1:AAAA}', 'has a value for MOORING_KEYS'],
  ] as const)('%s is refused', async ([, name, value, problem]) => {
    service('postgres').environment[name] = value;
    expect((await problems()).join('\n')).toContain(`docker-compose.yml: postgres ${problem}`);
  });

  test('Vault’s development server is refused', async () => {
    service('vault')['command'] = ['server', '-dev'];
    expect(await problems()).toEqual(['docker-compose.yml: vault runs a development server']);
  });

  test('what leads nowhere is named: a dependency, a network, a volume, a mounted file', async () => {
    Object.assign(service('proxy'), {
      depends_on: { web: { condition: 'service_healthy' } },
      networks: ['outside'],
      volumes: ['./deploy/nginx.conf:/etc/nginx.conf', 'cache:/cache'],
    });
    expect(await problems()).toEqual([
      'docker-compose.yml: proxy waits for "web", which is no service',
      'docker-compose.yml: proxy is in the unknown network "outside"',
      'docker-compose.yml: proxy mounts ./deploy/nginx.conf, which is not in the repository',
      'docker-compose.yml: proxy mounts the undeclared volume "cache"',
    ]);
  });
});
