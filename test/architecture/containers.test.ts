import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** What a Compose service says about its container. */
interface Service {
  readonly build?: unknown;
  readonly user?: string;
  readonly init?: boolean;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly ulimits?: { readonly core?: number };
  readonly mem_limit?: string;
  readonly memswap_limit?: string;
  readonly pids_limit?: number;
  readonly logging?: { readonly options?: Readonly<Record<string, string>> };
  readonly tmpfs?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly privileged?: boolean;
  readonly network_mode?: string;
}

interface Network {
  readonly internal?: boolean;
  readonly driver_opts?: Readonly<Record<string, string>>;
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, Network>>;
};
const services = Object.entries(compose.services);

describe('a container of docker-compose.yml', () => {
  test.for(services)(
    'docker-compose.yml lets %s write only to volumes and to memory, and gain no privilege',
    (entry) => {
      const [, service] = entry;
      expect(service).toMatchObject({ read_only: true, init: true, ulimits: { core: 0 } });
      expect(service.security_opt).toEqual(['no-new-privileges:true']);
      expect(service.privileged ?? service.network_mode).toBeUndefined();
      for (const mount of service.tmpfs ?? []) {
        expect(mount).toMatch(/^\/[\w/]+:uid=\d+,gid=\d+,mode=0700,size=\d+m,noexec,nosuid,nodev$/);
      }
      const writable = (service.volumes ?? []).filter((volume) => volume.startsWith('.') && !volume.endsWith(':ro'));
      expect(writable.filter((volume) => volume !== './deploy/secrets:/deploy/secrets')).toEqual([]);
    },
  );

  /** Each with its reason in docker-compose.yml; no other service has any. */
  const capabilities: Readonly<Record<string, readonly string[]>> = {
    proxy: ['NET_BIND_SERVICE'],
    vault: ['IPC_LOCK'],
    'vault-setup': ['CHOWN', 'DAC_OVERRIDE', 'IPC_LOCK'],
  };

  test.for(services)('docker-compose.yml lets %s run as no more than it needs', ([name, service]) => {
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.cap_add ?? []).toEqual(capabilities[name] ?? []);
    // Our own images name their user in the Dockerfile. A number, because a name is looked up in the image.
    if (service.build === undefined) expect(service.user).toMatch(name === 'vault-setup' ? /^0:0$/ : /^[1-9]\d*:\d+$/);
  });

  test.for(services)('docker-compose.yml limits the memory, the processes and the log of %s', ([, service]) => {
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect(service.pids_limit).toBeGreaterThan(0);
    expect(service.logging?.options).toMatchObject({
      'max-size': expect.stringMatching(/^\d+m$/) as string,
      'max-file': expect.stringMatching(/^\d+$/) as string,
    });
  });

  test.for(['api', 'worker', 'vault', 'vault-setup'])(
    'docker-compose.yml lets nothing of %s be swapped to the disk, because it has secrets in memory',
    (name) => {
      const { mem_limit, memswap_limit } = compose.services[name] ?? {};
      expect(memswap_limit).toBe(mem_limit);
      expect(memswap_limit).toBeDefined();
    },
  );

  test('a script or command writes only to places that its container has in memory', () => {
    const scripts = services.flatMap(([name, { volumes = [] }]) =>
      volumes.flatMap((volume) => {
        const [file = ''] = volume.split(':');
        return file.endsWith('.sh') ? [[name, read(file)] as const] : [];
      }),
    );
    const commands = services.map(([name, service]) => [name, JSON.stringify(service)] as const);
    const written = [...scripts, ...commands].flatMap(([name, text]) =>
      [...text.matchAll(/(?:>>?\s?|_template\.yaml:)(\/(?!dev\/null)[\w./-]+)/g)].map(([, path = '']) => [name, path]),
    );
    expect(written).toHaveLength(3);
    for (const [name = '', path = ''] of written) {
      const places = (compose.services[name]?.tmpfs ?? []).map((mount) => mount.split(':')[0] ?? '');
      expect([name, path, places.some((place) => path.startsWith(`${place}/`))]).toEqual([name, path, true]);
    }
  });

  test('the programs that a worker runs find room for their homes', () => {
    expect(compose.services['worker']?.tmpfs?.map((mount) => mount.split(':')[0])).toEqual(['/tmp']);
  });
});

describe('a network of docker-compose.yml', () => {
  const isInternal = (network: string): boolean => compose.networks[network]?.internal === true;
  const without = (names: readonly string[], network: string) => names.filter((name) => name !== network);
  const open = Object.fromEntries(
    services.map(([name, { networks = [] }]) => [name, networks.filter((network) => !isInternal(network))]),
  );

  test('docker-compose.yml gives the API no way to the internet, and only the proxy and the workers one', () => {
    const reached = Object.entries(open).filter(([, networks]) => without(networks, 'console').length > 0);
    expect(Object.fromEntries(reached)).toEqual({ proxy: ['outside'], worker: ['clouds'] });
    expect(compose.services['api']?.networks).toEqual(['edge', 'backend']);
  });

  test('docker-compose.yml lets no answer from outside reach the Temporal UI, whose port is on this machine alone', () => {
    expect(open['temporal-ui']).toEqual(['console']);
    expect(compose.networks['console']?.driver_opts).toEqual({
      'com.docker.network.bridge.enable_ip_masquerade': 'false',
    });
    expect(compose.services['temporal-ui']?.ports).toEqual(['127.0.0.1:8080:8080']);
  });

  test('docker-compose.yml publishes a port only where a network allows it', () => {
    const published = services.filter(([, { ports = [] }]) => ports.length > 0).map(([name]) => name);
    expect(published).toEqual(['proxy', 'temporal-ui']);
    for (const name of published) expect(open[name]).toHaveLength(1);
  });

  test('docker-compose.yml keeps the proxy from the stores, and PostgreSQL from all but Temporal', () => {
    const on = (network: string) => services.filter(([, { networks = [] }]) => networks.includes(network));
    expect(on('edge').map(([name]) => name)).toEqual(['api', 'proxy']);
    expect(on('database').map(([name]) => name)).toEqual(['temporal', 'temporal-schema', 'postgres']);
  });
});

describe('Temporal’s start script', () => {
  test('Temporal’s start script writes its configuration to memory and starts the server with it, at its own address', async () => {
    const folder = temporaryFolder();
    const bin = join(folder, 'bin');
    const log = join(folder, 'log');
    mkdirSync(bin);
    const program = (name: string, script: string): void => {
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, name), 0o755);
    };
    program('hostname', 'echo here');
    program('getent', 'echo "10.0.0.7 $2"; echo "10.1.0.7 $2"');
    program('dockerize', `echo "dockerize $*" >>${log}`);
    program('temporal-server', `echo "$TEMPORAL_BROADCAST_ADDRESS temporal-server $*" >>${log}`);
    await execa('sh', [join(root, 'deploy/temporal/start-server.sh')], {
      env: { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`, TEMPORAL_BROADCAST_ADDRESS: undefined },
    });
    expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual([
      'dockerize -template /etc/temporal/config/config_template.yaml:/run/temporal/docker.yaml',
      '10.0.0.7 temporal-server --root /run/temporal --config . --env docker start',
    ]);
  });
});

test('no package runs a script of its own when it is installed', () => {
  expect(read('.npmrc').split('\n')).toContain('ignore-scripts=true');
  const installs = [...read('Dockerfile').matchAll(/^COPY (.*package-lock\.json.*)$/gm)].map(([, files]) => files);
  expect(installs).toHaveLength(2);
  for (const files of installs) expect(files).toContain('.npmrc');
});
