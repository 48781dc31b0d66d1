import { availableParallelism } from 'node:os';
import { KeyRing, KeyRingError } from './key-ring.ts';
import { Secret } from './secret.ts';
import type { PayloadEncryption } from './temporal/data-converter.ts';
import { judgeProxies } from './config/networks.ts';
import { foreignSecrets, noClouds, type CloudVariables } from './config/own-environment.ts';
import { isRisk, risks, type Risk } from './config/risks.ts';
import { variables, type Variable } from './config/variables.ts';
import { refusalOf, weakSettings } from './config/weak-settings.ts';

export type ProcessName = 'api' | 'worker';
type Environment = Readonly<Record<string, string | undefined>>;

/** sysexits(3) EX_CONFIG: shows a supervisor that a restart will not help. */
export const EXIT_CONFIG = 78;

/** Where people try things out. */
const THIS_MACHINE = 'localhost,127.0.0.1,::1';

/** Every problem of the environment, one sentence each, so that all of them can be solved at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly sentences: readonly string[];

  constructor(sentences: readonly string[]) {
    super(sentences.join('\n'));
    this.sentences = sentences;
  }
}

export interface VaultConfig {
  readonly address: string;
  readonly mount: string;
  readonly namespace: string | undefined;
  readonly roleId: string;
  readonly secretId: Secret<string>;
}

export interface Config {
  readonly dev: boolean;
  readonly port: number;
  readonly host: string;
  /** Origin without a trailing slash. */
  readonly publicUrl: string;
  /** Absent = no proxy is trusted, and X-Forwarded-For is ignored. */
  readonly trustedProxies: string | undefined;
  readonly temporal: {
    readonly address: string;
    readonly namespace: string;
    readonly tls: boolean;
    readonly apiKey: Secret<string> | undefined;
  };
  readonly keyRing: KeyRing;
  readonly payloadEncryption: PayloadEncryption;
  /** Absent only under `npm start`: the embedded stand-in is used. */
  readonly vault: VaultConfig | undefined;
  readonly redisUrl: Secret<string> | undefined;
  readonly egress: {
    readonly httpsProxy: Secret<string> | undefined;
    readonly httpProxy: Secret<string> | undefined;
    readonly noProxy: string | undefined;
    readonly caFile: string | undefined;
  };
  readonly stateDirectory: string;
  readonly codecPathToken: Secret<string> | undefined;
  /** Of `npm start` alone. */
  readonly startId: string | undefined;
  readonly uiOrigin: string;
  /** For each API key; null = no limit. */
  readonly requestsPerMinute: number | null;
  /** What one tenant, or one connection, may use; null = no limit. */
  readonly quotas: {
    readonly connections: number | null;
    readonly submissionsPerMinute: number | null;
    readonly validationsPerMinute: number | null;
    readonly invitationsPerHour: number | null;
  };
  /** What is kept of each chain of the audit record. */
  readonly audit: { readonly lines: number; readonly days: number };
  /** Absent = workers are not versioned. */
  readonly deployment: { readonly name: string; readonly buildId: string } | undefined;
  readonly workflowTasks: number;
  /** For each provider, in a worker: attempts of upkeep at once, and calls that a person waits for. */
  readonly providerSlots: { readonly upkeep: number; readonly now: number };
  readonly discovery: {
    /** Lists at once in one worker. */
    readonly lists: number;
    /** Null = on demand alone. */
    readonly intervalSeconds: number | null;
    /** Lists at once for one connection. */
    readonly concurrency: number;
  };
  readonly webhooks: {
    /** Addresses, networks and names that may be reached beside public addresses, comma separated. */
    readonly allowed: string;
    readonly allowsHttp: boolean;
  };
  readonly metricsPort: number;
  readonly logLevel: string;
  /** Weak settings that this process runs with, because the operator allowed them. */
  readonly allowedRisks: readonly Risk[];
}

/**
 * Reads the environment of one process. Outside `npm start` (`MOORING_MODE=dev`) every store's address and a key
 * ring are required: a forgotten variable must never make production use a stand-in. Production also refuses weak
 * settings, and secrets of another process; `clouds` names those of the clouds. Throws {@link ConfigError}.
 */
export function loadConfig(
  processName: ProcessName,
  environment: Environment,
  clouds: CloudVariables = noClouds,
): Config {
  const sentences: string[] = [];
  const dev = environment[variables.mode.name] === 'dev';

  const read = (variable: Variable): string | undefined => {
    const value = [variable.name, ...(variable.aliases ?? [])].map((name) => environment[name]).find(Boolean);
    if (value === undefined) {
      if (variable.default === undefined && !dev && variable.required?.includes(processName)) {
        sentences.push(
          `${variable.name} is not set: ${firstSentence(variable.description)} The ${processName} refuses to start without it.`,
        );
      }
      return variable.default;
    }
    if (variable.pattern && !variable.pattern[0].test(value)) {
      const shown = variable.secret ? '' : ` "${value}"`;
      sentences.push(`${variable.name}${shown} is not valid: it must be ${variable.pattern[1]}.`);
    }
    return value;
  };
  const secret = (variable: Variable): Secret<string> | undefined => {
    const value = read(variable);
    return value === undefined ? undefined : new Secret(value);
  };
  const text = (variable: Variable & { default: string }): string => read(variable) ?? variable.default;
  const whole = (variable: Variable & { default: string }): number => Number(text(variable));

  text(variables.mode);
  const port = whole(variables.port);
  const apiKey = secret(variables.temporalApiKey);
  const config = {
    dev,
    port,
    host: text(variables.host),
    publicUrl: readOrigin(read(variables.publicUrl) ?? `http://localhost:${port}`, sentences),
    trustedProxies: read(variables.trustedProxies),
    temporal: {
      address: read(variables.temporalAddress) ?? '127.0.0.1:7233',
      namespace: text(variables.temporalNamespace),
      tls: text(variables.temporalTls) === 'true' || apiKey !== undefined,
      apiKey,
    },
    payloadEncryption: payloadEncryption(text(variables.payloadEncryption), dev),
    vault: readVault(read, sentences),
    redisUrl: secret(variables.redisUrl),
    egress: {
      httpsProxy: secret(variables.httpsProxy),
      httpProxy: secret(variables.httpProxy),
      noProxy: read(variables.noProxy),
      caFile: read(variables.caFile),
    },
    stateDirectory: text(variables.stateDirectory),
    codecPathToken: secret(variables.codecPathToken),
    startId: dev ? read(variables.startId) : undefined,
    uiOrigin: text(variables.uiOrigin),
    requestsPerMinute: whole(variables.rateLimit) || null,
    quotas: {
      connections: whole(variables.tenantConnections) || null,
      submissionsPerMinute: whole(variables.tenantSubmissions) || null,
      validationsPerMinute: whole(variables.tenantValidations) || null,
      invitationsPerHour: whole(variables.connectionInvitations) || null,
    },
    audit: { lines: whole(variables.auditLines), days: whole(variables.auditDays) },
    deployment: readDeployment(read, sentences),
    workflowTasks: whole(variables.workerConcurrency) || defaultWorkflowTasks(),
    providerSlots: { upkeep: whole(variables.upkeepSlots), now: whole(variables.nowSlots) },
    discovery: {
      lists: whole(variables.discoveryLists),
      intervalSeconds: whole(variables.discoveryInterval) || null,
      concurrency: whole(variables.discoveryConcurrency),
    },
    webhooks: { allowed: read(variables.webhookNetworks) ?? (dev ? THIS_MACHINE : ''), allowsHttp: dev },
    metricsPort: whole(variables.metricsPort),
    logLevel: text(variables.logLevel),
  };
  if (!dev && config.payloadEncryption === 'off') {
    sentences.push(
      `${variables.payloadEncryption.name}=off is refused in production: payloads carry authorization codes.`,
    );
  }
  const retired = processName === 'api' ? read(variables.retiredKeys) : undefined;
  const keyRing = readKeyRing(read(variables.keys), retired, sentences);
  for (const entry of judgeProxies(config.trustedProxies ?? '').invalid) {
    sentences.push(
      `${variables.trustedProxies.name} "${entry}" is not valid: it must be an address, a network such as 10.0.0.0/8, or uniquelocal.`,
    );
  }
  const allowed = readAllowed(read(variables.allow), sentences);
  const weak = dev ? [] : weakSettings(processName, { ...config, keyRing }, environment, clouds.urls);
  const refused = weak.filter(({ risk, variable }) => !allowed.includes(risk) && !isNamed(variable, sentences));
  if (!dev) sentences.push(...foreignSecrets(processName, environment, clouds));
  sentences.push(...refused.map(refusalOf));
  if (sentences.length > 0 || keyRing === undefined) throw new ConfigError(sentences);
  return { ...config, keyRing, allowedRisks: [...new Set(weak.map(({ risk }) => risk))] };
}

/** Whether something is wrong already with the variable. */
const isNamed = (variable: string, sentences: readonly string[]): boolean =>
  sentences.some((sentence) => sentence.startsWith(`${variable} `));

function readAllowed(text: string | undefined, sentences: string[]): Risk[] {
  const words = (text ?? '').split(',').flatMap((word) => word.trim() || []);
  for (const word of words.filter((one) => !isRisk(one))) {
    sentences.push(
      `${variables.allow.name} names no risk with "${word}": it must be of ${Object.keys(risks).join(', ')}.`,
    );
  }
  return words.filter(isRisk);
}

/** In production Mooring seals every payload, so an unsealed one was sent by another program. */
function payloadEncryption(text: string, dev: boolean): PayloadEncryption {
  if (text === 'off') return 'off';
  return dev ? 'on' : 'required';
}

function readKeyRing(text: string | undefined, retired: string | undefined, sentences: string[]): KeyRing | undefined {
  const { name } = variables.keys;
  if (text === undefined) {
    if (!isNamed(name, sentences)) sentences.push(`${name} is not set: npm start makes one.`);
    return undefined;
  }
  const ring = parsed(() => KeyRing.parse(text), name, sentences);
  if (!ring || retired === undefined) return ring;
  return parsed(() => KeyRing.parse(text, retired), variables.retiredKeys.name, sentences);
}

function parsed(parse: () => KeyRing, name: string, sentences: string[]): KeyRing | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof KeyRingError)) throw error;
    sentences.push(`${name} is not valid: ${error.message}`);
    return undefined;
  }
}

function readVault(read: (variable: Variable) => string | undefined, sentences: string[]): VaultConfig | undefined {
  const address = read(variables.vaultAddress);
  const roleId = read(variables.vaultRoleId);
  const secretId = read(variables.vaultSecretId);
  const mount = read(variables.vaultMount) ?? 'mooring';
  const namespace = read(variables.vaultNamespace);
  if (address === undefined) return undefined;
  if (roleId === undefined || secretId === undefined) {
    sentences.push(
      'VAULT_ADDR is set without VAULT_ROLE_ID and VAULT_SECRET_ID: make an AppRole as deploy/vault describes.',
    );
    return undefined;
  }
  return { address, mount, namespace, roleId, secretId: new Secret(secretId) };
}

function readDeployment(read: (variable: Variable) => string | undefined, sentences: string[]): Config['deployment'] {
  const { workerDeployment, workerBuildId } = variables;
  const name = read(workerDeployment);
  const buildId = read(workerBuildId);
  if (name !== undefined && buildId !== undefined) return { name, buildId };
  if (name !== undefined || buildId !== undefined) {
    sentences.push(`${workerDeployment.name} and ${workerBuildId.name} go together: set both, or none.`);
  }
  return undefined;
}

function readOrigin(value: string, sentences: string[]): string {
  if (!URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.pathname !== '/' || url.search || url.hash) {
    sentences.push(`PUBLIC_URL "${value}" must be an origin without a path, e.g. ${url.origin}.`);
  }
  return url.origin;
}

/** Replays share one thread: too many at once would all miss the workflow task timeout, and be retried. */
const defaultWorkflowTasks = (): number => Math.max(4 * availableParallelism(), 8);

const firstSentence = (text: string): string => `${text.split('. ')[0]?.replace(/\.$/, '') ?? text}.`;
