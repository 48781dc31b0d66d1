import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { manifests } from '../../providers/manifests/all.ts';
import { cloudVariables } from '../../providers/manifests/settings.ts';
import { loadConfig } from '../../platform/config.ts';
import { variables, type Variable } from '../../platform/config/variables.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { searchAttributes } from '../../contracts/search-attributes.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The parts of a Compose service that the tests read. */
interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly command?: unknown;
  readonly restart?: string;
  readonly healthcheck?: unknown;
  readonly deploy?: { readonly replicas?: number };
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: readonly { readonly path: string }[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const own: readonly Variable[] = Object.values(variables);
const compose = parse(read('docker-compose.yml'), { merge: true }) as ComposeFile;
const services = Object.entries(compose.services);

/** What a person sets in `.env`, as `.env.example` asks for it. */
const set: Record<string, string> = {
  PUBLIC_URL: 'https://mooring.example',
  MOORING_KEYS: KeyRing.generate(),
  POSTGRES_PASSWORD: 'p'.repeat(64),
  REDIS_PASSWORD: 'r'.repeat(64),
  MOORING_CODEC_PATH_TOKEN: '0123456789abcdef'.repeat(4),
};

/** A service's environment as Compose resolves it; throws for a required variable that is not set. */
function environmentOf(service: string, env: Readonly<Record<string, string>>): Record<string, string> {
  const given = Object.entries(compose.services[service]?.environment ?? {});
  return Object.fromEntries(
    given.map(([name, value]) => [
      name,
      value.replaceAll(/\$\{(\w+)(?::([?-])([^}]*))?\}/g, (_, wanted: string, kind: string, text: string) => {
        const found = env[wanted];
        if (!found && kind === '?') throw new Error(`${wanted} ${text}`);
        return found ?? text;
      }),
    ]),
  );
}

describe('docker-compose.yml', () => {
  const running = ['api', 'worker', 'proxy', 'temporal', 'temporal-ui', 'postgres', 'vault', 'redis'];

  test.for(running)('docker-compose.yml runs %s with a health check and restarts it when it ends', (name) => {
    const { build, healthcheck, restart } = compose.services[name] ?? {};
    // Our own images bring their health check in the Dockerfile.
    expect(build ?? healthcheck).toBeDefined();
    expect(restart).toBe('unless-stopped');
  });

  test.for(['api', 'worker'])('docker-compose.yml runs more than one %s', (name) => {
    expect(compose.services[name]?.deploy?.replicas).toBeGreaterThan(1);
  });

  test.for(services)(
    'docker-compose.yml pins the image of %s to a version and runs no development server in it',
    ([, service]) => {
      const { image, build, command = [] } = service;
      if (build === undefined) expect(image).toMatch(/:v?\d+\.\d+[\w.-]*$/);
      expect(JSON.stringify(command)).not.toContain('-dev');
    },
  );

  test.for(services)(
    'docker-compose.yml contains no secret of %s and no default for one',
    ([, { environment = {} }]) => {
      for (const [name, value] of Object.entries(environment)) {
        if (/PASSWORD|PWD|SECRET|TOKEN|KEYS?$|AUTH$/.test(name)) expect(value).toMatch(/^\$\{\w+:(?:\?[^}]+|-)\}$/);
        expect(value).not.toMatch(/\$\{\w*(?:PASSWORD|SECRET|TOKEN|KEY)\w*:?-[^}]+\}/);
        expect(value.replaceAll(/\$\{[^}]*\}/g, '$')).not.toMatch(/:\/\/[^/\s]*:[^$/\s@]+@/);
      }
    },
  );

  test.for(services)(
    'docker-compose.yml gives %s only files, volumes and networks that exist',
    ([, { volumes = [], networks = [] }]) => {
      const sources = volumes.map((volume) => volume.split(':')[0] ?? '');
      const missing = sources.filter((source) =>
        source.startsWith('.') ? !existsSync(join(root, source)) : !(source in compose.volumes),
      );
      expect(missing).toEqual([]);
      expect(Object.keys(compose.networks)).toEqual(expect.arrayContaining([...networks]));
    },
  );

  const signIn = { VAULT_ROLE_ID: 'role', VAULT_SECRET_ID: 'secret' };

  test.for(['api', 'worker'] as const)('docker-compose.yml gives the %s every setting that it requires', (name) => {
    const config = loadConfig(name, { ...environmentOf(name, set), ...signIn });
    expect(config.dev).toBe(false);
    expect(config.publicUrl).toBe('https://mooring.example');
    expect(config.redisUrl?.reveal()).toBe(`redis://:${'r'.repeat(64)}@redis:6379/0`);
  });

  const filesOf = (name: string): string[] => (compose.services[name]?.env_file ?? []).map(({ path }) => path);

  test('docker-compose.yml gives each process its own files, and no process the file that Compose itself reads', () => {
    expect(filesOf('api')).toEqual(['.env.shared', 'deploy/secrets/api.env']);
    expect(filesOf('worker')).toEqual(['.env.shared', '.env.worker', 'deploy/secrets/worker.env']);
    for (const [name] of services) expect(filesOf(name)).not.toContain('.env');
  });

  test('docker-compose.yml passes to API and worker only what Mooring reads, and to each only what is its own', () => {
    const known = own.map(({ name }) => name);
    const given = (name: string) => Object.keys(environmentOf(name, set));
    expect([...given('api'), ...given('worker')].filter((name) => !known.includes(name))).toEqual([]);
    const api = own.filter(({ only }) => only === 'api').map(({ name }) => name);
    expect(given('api')).toEqual(expect.arrayContaining(api));
    expect(given('worker').filter((name) => api.includes(name))).toEqual([]);
  });

  test('docker-compose.yml names the risks that it runs with: Vault and Redis in clear in its own network', () => {
    for (const name of ['api', 'worker'] as const) {
      const environment = { ...environmentOf(name, set), ...signIn };
      const config = loadConfig(name, environment, cloudVariables(manifests));
      expect(config.allowedRisks).toEqual(['http-vault', 'redis-without-tls']);
      const silent = (): unknown => loadConfig(name, { ...environment, MOORING_ALLOW: '' });
      expect(silent).toThrow(/^VAULT_ADDR .*\nREDIS_URL .*$/);
      expect(environmentOf(name, { ...set, MOORING_ALLOW: 'http-vault' })['MOORING_ALLOW']).toBe('http-vault');
    }
  });

  test('docker-compose.yml points the Temporal UI to the codec endpoint of the API', () => {
    const { codecPathToken } = loadConfig('api', { ...environmentOf('api', set), ...signIn });
    const { TEMPORAL_CODEC_ENDPOINT } = environmentOf('temporal-ui', set);
    expect(TEMPORAL_CODEC_ENDPOINT).toBe(`http://localhost:8081/codec/${codecPathToken?.reveal()}`);
  });

  test.for(Object.keys(set))('docker-compose.yml cannot be started without %s', (name) => {
    const started = ['api', 'postgres', 'redis', 'temporal', 'temporal-ui'];
    const start = (): unknown => started.map((service) => environmentOf(service, { ...set, [name]: '' }));
    expect(start).toThrow(name);
  });

  test('the namespace script registers exactly the search attributes that workflows write', () => {
    const registered = [...read('deploy/temporal/setup-namespace.sh').matchAll(/^ {2}(Mooring\w+)=(\w+)/gm)];
    expect(registered.map(([, name, type]) => ({ name, type }))).toEqual(Object.values(searchAttributes));
  });
});

describe('the proxy', () => {
  const text = read('deploy/caddy/Caddyfile');
  const site = (address: string): string => text.split(/^(?=\S.* \{$)/m).find((part) => part.startsWith(address)) ?? '';

  test.for(['/metrics', '/codec', '/codec/*'])('the proxy answers %s with 404 to the internet', (path) => {
    const [, paths = ''] = /@inside path (.+)/.exec(site('{$PUBLIC_URL}')) ?? [];
    expect(paths.split(' ')).toContain(path);
    expect(site('{$PUBLIC_URL}')).toContain('respond @inside 404');
  });

  test('the proxy publishes the codec, and nothing else, on a port of this machine alone', () => {
    expect(site('http://:8081')).toMatch(/handle \/codec\/\* \{[^]*\}\n\trespond 404\n\}/);
    const inner = (compose.services['proxy']?.ports ?? []).filter((port) => port.includes('8081'));
    expect(inner).toEqual(['127.0.0.1:8081:8081']);
  });

  test('the proxy passes on no larger body than the API takes', () => {
    expect(site('{$PUBLIC_URL}')).toMatch(/request_body \{\s+max_size 64KiB/);
  });
});

describe('Dockerfile', () => {
  const text = read('Dockerfile');

  test('the Dockerfile builds on one exact Node on Debian, because Temporal’s native core has no musl build', () => {
    expect(text).toMatch(/^ARG NODE_VERSION=\d+\.\d+\.\d+$/m);
    expect(text).toMatch(/^ARG NODE_IMAGE=node:\$\{NODE_VERSION\}-bookworm$/m);
    expect(text).toMatch(/^ARG NODE_SLIM_IMAGE=node:\$\{NODE_VERSION\}-bookworm-slim$/m);
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base = '']) => base);
    expect(bases.filter((base) => !/^\$\{NODE(_SLIM)?_IMAGE\}$/.test(base))).toEqual(['runtime', 'runtime']);
  });

  test.for(['api', 'worker'])(
    'the Dockerfile runs the %s not as root, with a health check and without a shell',
    (name) => {
      const stage = (from: string): string => text.split(/^FROM /m).find((part) => part.startsWith(from)) ?? '';
      expect(stage('${NODE_SLIM_IMAGE} AS runtime')).toContain('\nUSER node\n');
      expect(stage(`runtime AS ${name}\n`)).toMatch(/^HEALTHCHECK .*CMD \["node", "healthcheck\.mjs"/m);
      expect(stage(`runtime AS ${name}\n`)).toContain(`\nCMD ["node", "dist/${name}/main.js"]`);
      expect(stage(`runtime AS ${name}\n`)).not.toMatch(/^USER/m);
    },
  );

  test('the Dockerfile copies only files that are in the repository', () => {
    const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '));
    expect(copied.filter((source) => !existsSync(join(root, source)))).toEqual([]);
    expect(copied).toContain('workflows');
  });
});

describe('the examples of environment files', () => {
  const namesIn = (path: string) => [...read(path).matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = '']) => name);
  const files = ['.env.example', '.env.shared.example', '.env.worker.example'] as const;
  const { secrets } = cloudVariables(manifests);

  test.for(files)('%s names only variables that something reads, and is the example of an ignored file', (file) => {
    const known = [
      ...own.flatMap(({ name, aliases = [] }) => [name, ...aliases]),
      ...manifests.flatMap(({ enableVariables, programs = [], regions }) => [
        ...enableVariables,
        ...programs.map(({ variable }) => variable),
        ...regions.flatMap(({ settings }) => Object.values(settings).flatMap(({ names }) => [...names])),
      ]),
      ...[...read('docker-compose.yml').matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name),
      // Compose's own.
      'COMPOSE_FILE',
    ];
    expect(namesIn(file).filter((name) => !known.includes(name))).toEqual([]);
    expect(read('.gitignore').split('\n')).toContain(file.replace('.example', ''));
  });

  test('.env.example names every variable that production requires', () => {
    const required = own.filter((variable) => variable.required).map(({ name }) => name);
    expect(namesIn('.env.example')).toEqual(expect.arrayContaining(required));
  });

  test('.env.shared.example has no secret, and .env.worker.example has the secrets of all clouds and nothing else', () => {
    const ofMooring = own.filter(({ secret }) => secret).map(({ name }) => name);
    expect(namesIn('.env.shared.example').filter((name) => [...secrets, ...ofMooring].includes(name))).toEqual([]);
    const canonical = manifests
      .flatMap(({ regions }) => regions.flatMap(({ settings }) => Object.values(settings)))
      .filter(({ secret }) => secret)
      .map(({ names }) => names[0]);
    expect(namesIn('.env.worker.example')).toEqual(canonical);
    expect(canonical.length).toBeGreaterThan(5);
  });
});

describe('the image’s health check', () => {
  test.for([
    [200, 0],
    [503, 1],
  ] as const)('the health check of the image turns a response of %i into exit code %i', async ([status, exitCode]) => {
    const server = createServer((_, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      expect(await check(`http://127.0.0.1:${(server.address() as AddressInfo).port}/healthz`)).toBe(exitCode);
    } finally {
      server.close();
    }
  });

  test('the health check of the image exits with 1 when the connection is refused', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await check(`http://127.0.0.1:${port}/healthz`)).toBe(1);
  });

  const check = async (url: string): Promise<number | undefined> =>
    (await execa(process.execPath, [join(root, 'deploy/healthcheck.mjs'), url], { reject: false })).exitCode;
});
