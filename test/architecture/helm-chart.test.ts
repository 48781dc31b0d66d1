import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { variables, type Variable } from '../../platform/config/variables.ts';
import { manifests } from '../../providers/manifests/all.ts';
import { components } from '../../scripts/components/index.mjs';

const root = join(import.meta.dirname, '../..');
const chart = join(root, 'deploy/helm/mooring');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const helm = await components.helm.find();
const kubernetesCheck = await components.kubernetesCheck.find();

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: SecretReference }[];
  readonly envFrom?: readonly unknown[];
  readonly startupProbe?: unknown;
  readonly livenessProbe?: { readonly httpGet: { readonly path: string } };
  readonly readinessProbe?: { readonly httpGet: { readonly path: string } };
  readonly securityContext: unknown;
  readonly volumeMounts: readonly { readonly mountPath: string; readonly readOnly?: boolean }[];
}
interface SecretReference {
  readonly secretKeyRef: { readonly name: string; readonly key: string; readonly optional?: boolean };
}
interface Pod {
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: unknown;
  readonly containers: readonly Container[];
}
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>> & { readonly template?: { readonly spec: Pod } };
  readonly data?: Readonly<Record<string, string>>;
}

const smallest = {
  publicUrl: 'https://mooring.example',
  temporal: { address: 'temporal:7233' },
  vault: { address: 'https://vault:8200' },
  secrets: { shared: 'shared-secret', api: 'api-secret', worker: 'worker-secret', clouds: 'clouds-secret' },
};
/** Everything that is off by default, switched on. */
const largest = {
  ...smallest,
  config: { LOG_LEVEL: 'debug', API_REQUESTS_PER_MINUTE: 100 },
  caBundle: { configMap: 'authorities' },
  worker: {
    deployment: { name: 'mooring', buildId: '1.2.3+4' },
    podLabels: { team: 'a' },
    affinity: { nodeAffinity: {} },
  },
  image: { api: { digest: `sha256:${'a'.repeat(64)}` }, pullSecrets: [{ name: 'registry' }] },
  serviceAccount: { workerAnnotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/mooring' } },
  ingress: { enabled: true, className: 'nginx', tlsSecret: 'tls', annotations: { a: 'b' } },
  networkPolicy: { apiFrom: [{ podSelector: {} }], egress: [{ ports: [{ port: 3128, protocol: 'TCP' }] }] },
  monitoring: {
    serviceMonitor: { enabled: true, apiKeySecret: { name: 'metrics-key' } },
    prometheusRule: { enabled: true, runbookBase: 'https://git.example/mooring/' },
    dashboards: { enabled: true },
  },
};

/** What Helm makes of the values, for an upgrade, so that every hook is there. Rejects as Helm does. */
async function render(values: object): Promise<string> {
  const args = ['template', 'mooring', chart, '--is-upgrade', '--kube-version', '1.31.0', '--values', '-'];
  return (await execa(helm ?? 'helm', args, { input: JSON.stringify(values) })).stdout;
}
const documents = async (values: object): Promise<readonly Manifest[]> =>
  parseAllDocuments(await render(values)).map((document) => document.toJS() as Manifest);

const podsOf = (all: readonly Manifest[]): readonly (readonly [string, Pod])[] =>
  all.flatMap(({ metadata, spec }) => (spec?.template ? [[metadata.name, spec.template.spec] as const] : []));

const secretsOfClouds = manifests.flatMap(({ regions }) =>
  regions.flatMap(({ settings }) =>
    Object.values(settings).flatMap(({ names, secret = false }) => (secret ? [...names] : [])),
  ),
);
const own: readonly Variable[] = Object.values(variables);

describe.skipIf(helm === null)('the Helm chart', () => {
  test('the chart has no fault that helm lint --strict finds, with the fewest and with all values', async () => {
    for (const values of [smallest, largest]) {
      const args = ['lint', chart, '--strict', '--kube-version', '1.31.0', '--values', '-'];
      const { stdout } = await execa(helm ?? 'helm', args, { input: JSON.stringify(values) });
      expect(stdout).toContain('0 chart(s) failed');
    }
  });

  test.for(['publicUrl', 'temporal.address', 'vault.address', 'secrets.shared', 'secrets.api', 'secrets.worker'])(
    'a chart without %s is refused with a sentence that says what it is',
    async (path) => {
      const [first = '', second] = path.split('.');
      const values: Record<string, unknown> = { ...smallest, [first]: '' };
      if (second) values[first] = { ...(smallest as unknown as Record<string, object>)[first], [second]: '' };
      await expect(render(values)).rejects.toThrow(`${path} is `);
    },
  );

  test.for<readonly [string, object]>([
    ['an unknown value', { publicURL: 'https://mooring.example' }],
    ['a secret among the open settings', { config: { MOORING_KEYS: 'k1:…' } }],
    ['a cloud’s secret among the open settings', { config: { [secretsOfClouds[0] ?? '']: 'x' } }],
    ['a variable that another value sets', { config: { VAULT_ADDR: 'http://elsewhere' } }],
    ['a build id without the name of the deployment', { worker: { deployment: { buildId: '1' } } }],
    ['metrics of the API without a key', { monitoring: { serviceMonitor: { enabled: true } } }],
    ['an address without a port', { temporal: { address: 'temporal' } }],
  ])('the chart refuses %s', async ([, values]) => {
    await expect(render({ ...smallest, ...values })).rejects.toThrow(/Error: /);
  });

  test('each process gets its own variables, all that it requires, and none of the other', async () => {
    const pods = podsOf(await documents(largest));
    for (const process of ['api', 'worker'] as const) {
      const [, pod] = pods.find(([name]) => name === `mooring-${process}`) ?? expect.fail();
      const { env, envFrom } = pod.containers[0] ?? expect.fail();
      const names = env.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      const required = own.filter((variable) => variable.required?.includes(process)).map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(required));
      for (const { name, value, valueFrom } of env) {
        const variable = own.find((each) => each.name === name) ?? expect.fail(`${name} is a variable of Mooring`);
        expect([name, variable.only ?? process]).toEqual([name, process]);
        if (variable.secret) expect([name, value]).toEqual([name, undefined]);
        if (valueFrom) {
          const { name: from, key, optional = false } = valueFrom.secretKeyRef;
          expect(key).toBe(name);
          expect(['shared-secret', `${process}-secret`]).toContain(from);
          expect([name, optional]).toEqual([name, !required.includes(name)]);
        }
      }
      expect(JSON.stringify(envFrom).includes('clouds-secret')).toBe(process === 'worker');
    }
  });

  test('every pod runs without privileges, without a token of the cluster, and writes to memory alone', async () => {
    const all = await documents(largest);
    const pods = podsOf(all);
    expect(pods.map(([name]) => name).toSorted()).toEqual(
      ['api', 'current-version', 'preflight', 'worker'].map((name) => `mooring-${name}`),
    );
    for (const [, pod] of pods) {
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const container of pod.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        const writable = container.volumeMounts.filter(({ readOnly = false }) => !readOnly);
        expect(writable.map(({ mountPath }) => mountPath)).toEqual(['/tmp']);
      }
    }
    expect(all.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });

  test('the processes are probed where they answer, and have the time to end that they need', async () => {
    const all = await documents(smallest);
    const compose = parse(read('docker-compose.yml'), { merge: true }) as {
      services: Record<string, { stop_grace_period: string }>;
    };
    for (const name of ['api', 'worker']) {
      const [, pod] = podsOf(all).find(([found]) => found === `mooring-${name}`) ?? expect.fail();
      const [container = expect.fail()] = pod.containers;
      expect(container.livenessProbe?.httpGet.path).toBe('/healthz');
      expect(container.readinessProbe?.httpGet.path).toBe('/readyz');
      const grace = Number.parseInt(compose.services[name]?.stop_grace_period ?? '', 10);
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(grace);
      expect(
        all.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === `mooring-${name}`)?.spec,
      ).toMatchObject({ replicas: 2, strategy: { rollingUpdate: { maxUnavailable: 0 } } });
      expect(
        all.find(({ kind, metadata }) => kind === 'PodDisruptionBudget' && metadata.name === `mooring-${name}`)?.spec,
      ).toMatchObject({ minAvailable: 1 });
    }
  });

  test('the API has no way to the internet; the workers have https, but reach no private address by it', async () => {
    const all = await documents(smallest);
    const egress = (name: string) =>
      (
        all.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === `mooring-${name}`) ??
        expect.fail()
      ).spec['egress'] as readonly { ports: readonly { port: number }[]; to?: unknown }[];
    const ports = (name: string) => egress(name).flatMap(({ ports: of }) => of.map(({ port }) => port));
    expect(ports('api')).toEqual([53, 53, 7233, 8200, 6379]);
    expect(ports('jobs')).toEqual([53, 53, 7233]);
    expect(ports('worker')).toEqual([53, 53, 7233, 8200, 6379, 443]);
    expect(JSON.stringify(egress('worker').at(-1)?.to)).toContain('169.254.0.0/16');
  });

  test('the ingress publishes what customers and platforms need, and nothing for operators', async () => {
    const ingress = (await documents(largest)).find(({ kind }) => kind === 'Ingress') ?? expect.fail();
    const [rule = expect.fail()] = ingress.spec['rules'] as readonly {
      host: string;
      http: { paths: readonly { path: string }[] };
    }[];
    expect(rule.host).toBe('mooring.example');
    const published = rule.http.paths.map(({ path }) => path);
    const { paths } = JSON.parse(read('docs/openapi.json')) as { paths: Record<string, unknown> };
    const callbacks = manifests.flatMap(({ methods }) =>
      methods.flatMap((method) => (method.flow === 'redirect' ? [method.callbackPath] : [])),
    );
    const isPublished = (route: string) => published.some((path) => route === path || route.startsWith(`${path}/`));
    const inside = ['/openapi.json', '/healthz', '/readyz', '/metrics', '/codec/decode', '/codec/encode', '/docs'];
    expect([...Object.keys(paths), ...callbacks].filter((route) => !isPublished(route)).toSorted()).toEqual(
      inside.toSorted(),
    );
    for (const path of published)
      expect([...Object.keys(paths), ...callbacks].some((route) => `${route}/`.startsWith(`${path}/`))).toBe(true);
  });

  test('rules, dashboards and scripts in the chart are the files of this repository', async () => {
    const all = await documents(largest);
    const rules = all.find(({ kind }) => kind === 'PrometheusRule') ?? expect.fail();
    const original = read('deploy/prometheus/mooring-rules.yaml').replaceAll(
      'docs/operations.md#',
      'https://git.example/mooring/docs/operations.md#',
    );
    expect(rules.spec).toEqual(parse(original));
    const data = Object.assign({}, ...all.map((manifest) => manifest.data)) as Record<string, string>;
    for (const name of ['overview', 'clouds', 'processes']) {
      expect(data[`mooring-${name}.json`]).toBe(read(`deploy/grafana/mooring-${name}.json`));
    }
    expect(data['set-current-version.sh']).toBe(read('deploy/temporal/set-current-version.sh'));
  });

  test('an upgrade is preceded by the preflight on the new build, and followed by making its version current', async () => {
    const all = await documents(largest);
    const hookOf = (name: string) =>
      all.find(({ kind, metadata }) => kind === 'Job' && metadata.name === name)?.metadata.annotations?.[
        'helm.sh/hook'
      ];
    expect(hookOf('mooring-preflight')).toBe('pre-upgrade');
    expect(hookOf('mooring-current-version')).toBe('post-install,post-upgrade,post-rollback');
    const [, preflight] = podsOf(all).find(([name]) => name === 'mooring-preflight') ?? expect.fail();
    const [, worker] = podsOf(all).find(([name]) => name === 'mooring-worker') ?? expect.fail();
    expect(preflight.containers[0]?.image).toBe(worker.containers[0]?.image);
    expect(preflight.containers[0]?.command?.slice(0, 2)).toEqual(['node', 'dist/scripts/replay.js']);
    expect(podsOf(await documents(smallest)).map(([name]) => name)).not.toContain('mooring-current-version');
  });
});

describe.skipIf(helm === null || kubernetesCheck === null)('the manifests that the Helm chart makes', () => {
  const check = async (text: string) => await execa(kubernetesCheck ?? '', [], { input: text, reject: false });

  test('every manifest decodes strictly into Kubernetes’ own types', async () => {
    for (const values of [smallest, largest]) {
      const { exitCode, stdout, stderr } = await check(await render(values));
      expect([exitCode, stderr]).toEqual([0, '']);
      const unchecked = [...stdout.matchAll(/^not checked: no kind "(\w+)"/gm)].map(([, kind]) => kind);
      expect(new Set(unchecked)).toEqual(new Set(values === largest ? ['ServiceMonitor', 'PrometheusRule'] : []));
      expect(stdout.match(/^checked /gm)?.length).toBeGreaterThan(10);
    }
  });

  test('a manifest with an unknown field is found', async () => {
    const text = (await render(smallest)).replace('revisionHistoryLimit:', 'revisionsHistoryLimit:');
    expect(await check(text)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('unknown field') as string,
    });
  });
});

test('the chart refuses every secret variable as an open setting, and every variable that a value of its own sets', () => {
  const schema = JSON.parse(read('deploy/helm/mooring/values.schema.json')) as {
    properties: { config: { propertyNames: { not: { enum: string[] } } } };
  };
  const refused = schema.properties.config.propertyNames.not.enum;
  const secrets = own.filter(({ secret = false }) => secret).flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  expect(refused).toEqual(expect.arrayContaining([...secrets, ...secretsOfClouds]));
  const templates = read('deploy/helm/mooring/templates/_helpers.tpl');
  const set = [...templates.matchAll(/name: ([A-Z_]+), value/g)].map(([, name = '']) => name);
  expect(set.length).toBeGreaterThan(8);
  expect(refused).toEqual(expect.arrayContaining(set));
});
