import { join, normalize } from 'node:path/posix';
import { parse } from 'yaml';
import type { Check } from './check.ts';
import type { Repository } from './repository.ts';

const path = 'docker-compose.yml';

/** What the production shape consists of. */
const required = ['api', 'worker', 'proxy', 'temporal', 'temporal-ui', 'postgres', 'vault', 'redis'];
const replicated = ['api', 'worker'];

/** The part of a service that the rules look at. */
interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly command?: unknown;
  readonly restart?: string;
  readonly profiles?: readonly string[];
  readonly healthcheck?: unknown;
  readonly deploy?: { readonly replicas?: number };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string | number | boolean | null>>;
  readonly networks?: readonly string[];
  readonly volumes?: readonly string[];
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks?: Readonly<Record<string, unknown>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

/** `docker-compose.yml` parses, pins what it runs, watches it, and bakes no password in. Needs no Docker. */
export const composeFile: Check = {
  name: 'compose-file',
  run(repository) {
    const file = parse(repository.read(path), { merge: true }) as ComposeFile;
    const services = Object.entries(file.services);
    const oneShot = new Set(
      services.flatMap(([, { depends_on = {} }]) =>
        Object.entries(depends_on).flatMap(([name, { condition }]) =>
          condition === 'service_completed_successfully' ? [name] : [],
        ),
      ),
    );
    const problems = [
      ...required.filter((name) => !file.services[name]).map((name) => `has no service "${name}"`),
      ...replicated
        .filter((name) => (file.services[name]?.deploy?.replicas ?? 1) < 2)
        .map((name) => `${name} runs once; production has two of it`),
      ...services.flatMap(([name, service]) =>
        [
          ...pinning(service),
          ...watching(service, oneShot.has(name) || service.profiles !== undefined),
          ...secrets(service),
          ...references(service, file, repository),
        ].map((problem) => `${name} ${problem}`),
      ),
    ];
    return { problems: problems.map((problem) => `${path}: ${problem}`), note: `${services.length} services` };
  },
};

function pinning({ image, build }: Service): string[] {
  if (build !== undefined) return [];
  const pinned = /:v?\d+\.\d+[\w.-]*(?:@sha256:[0-9a-f]{64})?$/.test(image ?? '');
  return pinned ? [] : [`runs "${image ?? 'nothing'}"; pin the image to a version`];
}

function watching({ build, healthcheck, restart }: Service, ends: boolean): string[] {
  if (ends) return [];
  return [
    // Our own images bring their health check in the Dockerfile.
    ...(healthcheck === undefined && build === undefined ? ['has no healthcheck'] : []),
    ...(restart === 'unless-stopped' || restart === 'always' ? [] : ['is not restarted when it ends']),
  ];
}

const secretName = /PASSWORD|PASSWD|PWD|SECRET|TOKEN|KEYS?$|AUTH$/;

function secrets({ environment = {}, command }: Service): string[] {
  const entries = Object.entries(environment).map(([name, value]) => [name, String(value ?? '')] as const);
  return [
    ...entries
      .filter(([name, value]) => secretName.test(name) && value !== '' && !/^\$\{\w+:\?[^}]+\}$/.test(value))
      .map(([name]) => `has a value for ${name}; write \${${name}:?sentence} so that nothing starts without one`),
    ...entries
      .filter(([, value]) => /\$\{\w*(?:PASSWORD|SECRET|TOKEN|KEY)\w*:?-[^}]+\}/.test(value))
      .map(([name]) => `has a default secret in ${name}`),
    ...entries
      .filter(([, value]) => /:\/\/[^/\s]*:[^$/\s@]+@/.test(value.replaceAll(/\$\{[^}]*\}/g, '$')))
      .map(([name]) => `has a password in the URL of ${name}`),
    ...(JSON.stringify(command ?? '').includes('-dev') ? ['runs a development server'] : []),
  ];
}

/** What a service points at is there: services, networks, volumes, and the files it mounts. */
function references(service: Service, file: ComposeFile, repository: Repository): string[] {
  const { depends_on = {}, networks = [], volumes = [] } = service;
  const present = (source: string): boolean => {
    const target = normalize(join('.', source)).replace(/\/$/, '');
    return repository.files.some((known) => known === target || known.startsWith(`${target}/`));
  };
  return [
    ...Object.keys(depends_on)
      .filter((name) => !file.services[name])
      .map((name) => `waits for "${name}", which is no service`),
    ...networks.filter((name) => !(name in (file.networks ?? {}))).map((name) => `is in the unknown network "${name}"`),
    ...volumes.flatMap((volume) => {
      const [source = ''] = volume.split(':');
      if (source.startsWith('.')) return present(source) ? [] : [`mounts ${source}, which is not in the repository`];
      return source in (file.volumes ?? {}) ? [] : [`mounts the undeclared volume "${source}"`];
    }),
  ];
}
