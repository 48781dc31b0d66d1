import { risks } from './risks.ts';

/**
 * An environment variable of Mooring itself; those of a provider are in its manifest. The reference is generated from
 * these.
 */
export interface Variable {
  readonly name: string;
  /** Other names that are read if the canonical one is not set. */
  readonly aliases?: readonly string[];
  readonly description: string;
  readonly default?: string;
  readonly secret?: boolean;
  /** Processes that refuse to start without it, except under `npm start`. */
  readonly required?: readonly ('api' | 'worker')[];
  /** The only process that gets it. In production another process refuses to start with it. */
  readonly only?: 'api' | 'worker';
  /** What a valid value looks like, as a regular expression and in words. */
  readonly pattern?: readonly [expression: RegExp, words: string];
}

const port = [/^([1-9]\d{0,4})$/, 'a port number, e.g. 5000'] as const;
const quota = [/^(0|[1-9]\d{0,6})$/, 'a whole number; 0 = no limit'] as const;
const count = [/^[1-9]\d{0,5}$/, 'a whole number above zero'] as const;
const httpUrl = [/^https?:\/\/[^\s/]+/, 'an http or https URL'] as const;

export const variables = {
  mode: {
    name: 'MOORING_MODE',
    description: 'Set to `dev` by `npm start` alone: allows the embedded stand-ins. Anything else is production.',
    default: 'production',
    pattern: [/^(dev|production)$/, '`dev` or `production`'],
  },
  allow: {
    name: 'MOORING_ALLOW',
    description: `Weak settings that production is to run with all the same, comma separated: ${Object.keys(risks)
      .map((word) => `\`${word}\``)
      .join(', ')}. Every other weak setting is refused.`,
  },
  port: { name: 'PORT', description: "The API's port.", default: '5000', pattern: port },
  host: { name: 'HOST', description: 'The address the API listens on.', default: '127.0.0.1' },
  publicUrl: {
    name: 'PUBLIC_URL',
    aliases: ['NEXT_PUBLIC_BACKEND_URL'],
    description:
      'The origin that browsers reach the API at; redirect URIs are derived from it. Default: http://localhost:PORT.',
    required: ['api'],
    pattern: httpUrl,
  },
  trustedProxies: {
    name: 'TRUSTED_PROXIES',
    description:
      'Addresses or networks of the reverse proxies before the API, comma separated, e.g. `10.0.0.0/8,::1` or `uniquelocal`: their X-Forwarded-For says who asks.',
  },
  temporalAddress: {
    name: 'TEMPORAL_ADDRESS',
    description: "Temporal's frontend, host:port.",
    required: ['api', 'worker'],
    pattern: [/^[^\s/:]+:\d+$|^\[[^\]]+\]:\d+$/, 'host:port, e.g. temporal:7233'],
  },
  temporalNamespace: { name: 'TEMPORAL_NAMESPACE', description: "Temporal's namespace.", default: 'default' },
  temporalTls: {
    name: 'TEMPORAL_TLS',
    description: 'Set to `true` to reach Temporal over TLS with the system’s certificate authorities.',
    default: 'false',
    pattern: [/^(true|false)$/, '`true` or `false`'],
  },
  temporalApiKey: { name: 'TEMPORAL_API_KEY', description: 'API key for Temporal Cloud; implies TLS.', secret: true },
  keys: {
    name: 'MOORING_KEYS',
    description:
      'The key ring, `id:base64` of 32 bytes each, comma separated; the first seals, all open. The same for every process.',
    secret: true,
    required: ['api', 'worker'],
  },
  retiredKeys: {
    name: 'MOORING_RETIRED_KEYS',
    description:
      'Keys that were dropped from MOORING_KEYS, in the same form, for the API alone: they seal and open nothing, and verify the links that were signed with them, which live for up to 90 days.',
    secret: true,
    only: 'api',
  },
  payloadEncryption: {
    name: 'MOORING_PAYLOAD_ENCRYPTION',
    description:
      'Set to `off` to leave Temporal payloads readable (debugging, tests). Production refuses it, and every payload that is not sealed.',
    default: 'on',
    pattern: [/^(on|off)$/, '`on` or `off`'],
  },
  vaultAddress: {
    name: 'VAULT_ADDR',
    description: "Vault's address.",
    required: ['api', 'worker'],
    pattern: httpUrl,
  },
  vaultMount: { name: 'VAULT_MOUNT', description: 'The KV version 2 mount for Mooring alone.', default: 'mooring' },
  vaultNamespace: { name: 'VAULT_NAMESPACE', description: 'Vault Enterprise or HCP namespace.' },
  vaultRoleId: {
    name: 'VAULT_ROLE_ID',
    description: 'AppRole role id of this process; API and worker have different ones (see deploy/vault).',
    required: ['api', 'worker'],
  },
  vaultSecretId: {
    name: 'VAULT_SECRET_ID',
    description: 'AppRole secret id of this process.',
    secret: true,
    required: ['api', 'worker'],
  },
  redisUrl: {
    name: 'REDIS_URL',
    description:
      "Redis's address, e.g. rediss://user:password@redis:6379/0; with Sentinel redis+sentinel://a:26379,b:26379/name, with Cluster redis+cluster://a:6379,b:6379 (and rediss+…).",
    secret: true,
    required: ['api', 'worker'],
    pattern: [
      /^rediss?(:\/\/\S+|\+sentinel:\/\/[^/\s]+\/[^/\s]\S*|\+cluster:\/\/\S+)$/,
      'a redis://, rediss://, redis+sentinel:// (with the name of the primary) or redis+cluster:// URL',
    ],
  },
  httpsProxy: {
    name: 'HTTPS_PROXY',
    aliases: ['https_proxy'],
    description:
      'The proxy through which everything that leaves by https goes: clouds and their programs, Vault. Never requests to this machine.',
    secret: true,
    pattern: httpUrl,
  },
  httpProxy: {
    name: 'HTTP_PROXY',
    aliases: ['http_proxy'],
    description: 'The same for http, e.g. a Vault inside the network; usually not needed.',
    secret: true,
    pattern: httpUrl,
  },
  noProxy: {
    name: 'NO_PROXY',
    aliases: ['no_proxy'],
    description: 'Hosts that are reached without the proxy, comma separated: `vault.internal,.example.com`.',
  },
  caFile: {
    name: 'MOORING_CA_FILE',
    description:
      'A PEM file of authorities that are trusted besides those of Node and of NODE_EXTRA_CA_CERTS: for clouds, Vault and Redis.',
  },
  stateDirectory: {
    name: 'MOORING_STATE_DIR',
    description: 'Where `npm start` keeps its embedded stores, keys and logs.',
    default: '.mooring',
  },
  codecPathToken: {
    name: 'MOORING_CODEC_PATH_TOKEN',
    description:
      'The secret part of the path under which the Temporal UI has payloads decoded; `npm start` makes one for its own.',
    secret: true,
    only: 'api',
  },
  startId: {
    name: 'MOORING_START_ID',
    description:
      'Set by `npm start`: the API repeats it in each answer, so that no other program on its port is taken for it.',
  },
  uiOrigin: {
    name: 'TEMPORAL_UI_ORIGIN',
    description: 'Origin of the Temporal UI that may call the codec endpoint (CORS). GET /v1/system links to it.',
    default: 'http://localhost:8233',
    pattern: httpUrl,
  },
  rateLimit: {
    name: 'API_REQUESTS_PER_MINUTE',
    description: 'Requests a minute for each API key, counted together by all API processes; 0 = no limit.',
    default: '6000',
    pattern: quota,
  },
  tenantConnections: {
    name: 'TENANT_MAX_CONNECTIONS',
    description:
      'Connections that a tenant may have at once, those that have ended not counted; 0 = no limit. Counted every few seconds, so that a burst may pass it by some.',
    default: '10000',
    pattern: quota,
  },
  tenantSubmissions: {
    name: 'TENANT_SUBMISSIONS_PER_MINUTE',
    description:
      'Submissions of values (keys, roles) a minute in each tenant, by its API keys and on its links; 0 = no limit.',
    default: '600',
    pattern: quota,
  },
  tenantValidations: {
    name: 'TENANT_VALIDATIONS_PER_MINUTE',
    description: 'Validations of credentials without a connection a minute in each tenant; 0 = no limit.',
    default: '120',
    pattern: quota,
  },
  connectionInvitations: {
    name: 'CONNECTION_INVITATIONS_PER_HOUR',
    description: 'New links an hour for each connection; 0 = no limit.',
    default: '60',
    pattern: quota,
  },
  auditLines: {
    name: 'AUDIT_LINES',
    description:
      'Lines of the audit record that are kept for each tenant, and for the installation; a thousand take about 1 MB of Redis. Each line also stands in the log.',
    default: '100000',
    pattern: [/^[1-9]\d{3,6}$/, 'a whole number from 1000 on'],
  },
  auditDays: {
    name: 'AUDIT_DAYS',
    description: 'How long a line of the audit record is kept, at most.',
    default: '400',
    pattern: [/^[1-9]\d{0,3}$/, 'a whole number of days'],
  },
  workerDeployment: {
    name: 'WORKER_DEPLOYMENT',
    description:
      'Name of the worker deployment in Temporal. With it, workers are versioned, and after each deployment the version must be made current: deploy/temporal/set-current-version.sh.',
    pattern: [/^[\w-]{1,64}$/, 'letters, digits, "_" and "-"'],
  },
  workerBuildId: {
    name: 'WORKER_BUILD_ID',
    description:
      'The version of the worker deployment that this worker is, e.g. a release or a commit. With WORKER_DEPLOYMENT alone.',
    pattern: [/^[\w.+-]{1,64}$/, 'letters, digits, ".", "_", "+" and "-"'],
  },
  workerConcurrency: {
    name: 'WORKER_WORKFLOW_TASKS',
    description: 'Workflow tasks at once in a worker; 0 = four for each core, at least eight.',
    default: '0',
    pattern: [/^(0|[1-9]\d{0,3})$/, 'a whole number; 0 = by the number of cores'],
  },
  upkeepSlots: {
    name: 'WORKER_UPKEEP_SLOTS',
    description: 'Renewals at once for each provider in a worker.',
    default: '100',
    pattern: count,
  },
  nowSlots: {
    name: 'WORKER_NOW_SLOTS',
    description:
      'Calls at once for each provider that a person waits for (sign-ins, proofs, forced refreshes), in a worker.',
    default: '50',
    pattern: count,
  },
  discoveryLists: {
    name: 'WORKER_DISCOVERY_LISTS',
    description: 'Lists of resources at once in a worker, each of them a run of a program where the cloud has one.',
    default: '16',
    pattern: count,
  },
  discoveryInterval: {
    name: 'DISCOVERY_INTERVAL_SECONDS',
    description:
      'How often the resources of a connection are listed, less up to a tenth; 0 = when it connects, and on demand.',
    default: '3600',
    pattern: [/^(0|[1-9]\d{1,6})$/, '0, or a whole number of seconds from 10 on'],
  },
  discoveryConcurrency: {
    name: 'DISCOVERY_CONCURRENCY',
    description: 'Lists at once for one connection, so that a large account leaves room for others.',
    default: '8',
    pattern: [/^([1-9]|[1-9]\d|100)$/, 'a whole number from 1 to 100'],
  },
  webhookNetworks: {
    name: 'MOORING_WEBHOOK_ALLOWED_NETWORKS',
    description:
      'Where webhooks may go beside public addresses, comma separated: private networks such as `10.0.0.0/8`, and hosts by their exact name or address, e.g. `hooks.internal`. This machine, link-local addresses and metadata services are reached by their exact name or address alone. Under `npm start` the default is this machine.',
  },
  metricsPort: {
    name: 'METRICS_PORT',
    description: "The worker's health and metrics port.",
    default: '5001',
    pattern: port,
  },
  logLevel: {
    name: 'LOG_LEVEL',
    description: 'fatal, error, warn, info, debug or trace.',
    default: 'info',
    pattern: [/^(fatal|error|warn|info|debug|trace|silent)$/, 'fatal, error, warn, info, debug, trace or silent'],
  },
} as const satisfies Record<string, Variable>;
