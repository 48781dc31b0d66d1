import { join } from 'node:path';
import { ownEnvironment } from '../../platform/config/own-environment.ts';
import { manifests } from '../../providers/manifests/all.ts';
import { cloudVariables } from '../../providers/manifests/settings.ts';
import { sandboxEnvironment } from '../../sandbox/clouds/index.ts';
import type { Ports } from './ports.ts';
import { sandboxVariablesFor, simulatedRegions, type SimulatedRegion, type StandInProgram } from './stand-ins.ts';
import type { StateDirectory } from './state-directory.ts';
import type { ProcessPlan } from './supervise.ts';
import { temporalServerArguments } from './temporal-server.ts';

export const processNames = ['temporal', 'sandbox', 'worker', 'api'] as const;
export type ProcessName = (typeof processNames)[number];

export interface StackPlan {
  /** As a program on this machine reaches them; null = no such part is run here. */
  readonly addresses: { readonly api: string; readonly ui: string | null; readonly sandbox: string | null };
  readonly temporalAddress: string;
  /** Null = the real thing is used instead. */
  readonly processes: Readonly<Record<ProcessName, ProcessPlan | null>>;
  /** One line for each part that is not the real thing. */
  readonly standIns: readonly string[];
  /** What the API and the worker are configured with; each of them gets its own part. */
  readonly environment: Readonly<Record<string, string>>;
  /** The API repeats it in each answer, so that no other program on its port is taken for it. */
  readonly startId: string;
}

export interface PlanInput {
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly directory: StateDirectory;
  readonly ports: Ports;
  /** The Temporal CLI; null where TEMPORAL_ADDRESS is set. */
  readonly temporalProgram: string | null;
  readonly standInPrograms: readonly StandInProgram[];
  /** Random. */
  readonly startId: string;
}

/** Decides which processes run, with which settings. Parts that the environment does not name get a stand-in. */
export function planStack(input: PlanInput): StackPlan {
  const { root, environment, directory, ports, temporalProgram, standInPrograms, startId } = input;
  const given = defined(environment);
  const simulated = simulatedRegions(manifests, environment);
  const sandbox = simulated.length > 0 ? `http://127.0.0.1:${ports.sandbox}` : null;
  const ui = temporalProgram === null ? (given['TEMPORAL_UI_ORIGIN'] ?? null) : `http://localhost:${ports.ui}`;
  const api = `http://localhost:${ports.api}`;
  const temporalAddress = given['TEMPORAL_ADDRESS'] ?? `127.0.0.1:${ports.temporal}`;
  const codecPathToken = given['MOORING_CODEC_PATH_TOKEN'] ?? directory.codecPathToken();
  const namespace = given['TEMPORAL_NAMESPACE'] ?? 'default';

  const configured = {
    ...given,
    ...(sandbox
      ? sandboxVariablesFor(
          simulated.map(({ region }) => region),
          sandboxEnvironment(sandbox),
          environment,
        )
      : {}),
    ...Object.fromEntries(standInPrograms.map(({ variable, path }) => [variable, path])),
    MOORING_MODE: 'dev',
    MOORING_STATE_DIR: directory.path,
    MOORING_KEYS: given['MOORING_KEYS'] ?? directory.keyRing(),
    PORT: String(ports.api),
    METRICS_PORT: String(ports.metrics),
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: namespace,
    ...(ui === null ? {} : { TEMPORAL_UI_ORIGIN: ui }),
  };
  const node = (name: string, file: string, settings: Record<string, string>): ProcessPlan => ({
    name,
    command: process.execPath,
    // The directory is in the command line, so that a later start recognises its own leftover processes.
    args: [...nodeFlags, join(root, file), '--state-directory', directory.path],
    cwd: root,
    environment: settings,
  });

  const own = (name: 'api' | 'worker') => ownEnvironment(name, configured, cloudVariables(manifests));

  return {
    addresses: { api, ui, sandbox },
    temporalAddress,
    environment: configured,
    startId,
    processes: {
      temporal:
        temporalProgram === null
          ? null
          : {
              name: 'temporal',
              command: temporalProgram,
              args: temporalServerArguments({
                port: ports.temporal,
                ui: { port: ports.ui, codecEndpoint: `${api}/codec/${codecPathToken}` },
                databaseFile: directory.file('temporal.db'),
                namespace,
              }),
              cwd: directory.path,
              environment: basics(given),
            },
      sandbox:
        sandbox === null
          ? null
          : node('sandbox', 'sandbox/main.ts', {
              ...basics(given),
              SANDBOX_PORT: String(ports.sandbox),
              SANDBOX_STATE_FILE: directory.file('sandbox.json'),
            }),
      worker: node('worker', 'worker/main.ts', own('worker')),
      api: node('api', 'api/main.ts', {
        ...own('api'),
        MOORING_CODEC_PATH_TOKEN: codecPathToken,
        MOORING_START_ID: startId,
      }),
    },
    standIns: describeStandIns(given, temporalProgram !== null, simulated, standInPrograms),
  };
}

const nodeFlags = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];

function describeStandIns(
  given: Record<string, string>,
  ownTemporal: boolean,
  simulated: SimulatedRegion[],
  programs: readonly StandInProgram[],
): string[] {
  const clouds = Object.entries(Object.groupBy(simulated, ({ manifest }) => manifest.name)).map(
    ([cloud, regions = []]) => `${cloud} (${regions.map(({ region }) => region.id).join(', ')})`,
  );
  const missing = [
    [ownTemporal, 'Temporal: its development server on SQLite (real: TEMPORAL_ADDRESS)'],
    [!given['VAULT_ADDR'], 'Vault: an encrypted SQLite file (real: VAULT_ADDR, VAULT_ROLE_ID, VAULT_SECRET_ID)'],
    [!given['REDIS_URL'], 'Redis: an encrypted SQLite file (real: REDIS_URL)'],
    [clouds.length > 0, `Clouds: simulated ${clouds.join(', ')} (real: their client ids and secrets)`],
    ...programs.map(
      ({ name, variable }) => [true, `${name}: a program that behaves like it (real: ${variable})`] as const,
    ),
  ] as const;
  return missing.flatMap(([applies, text]) => (applies ? [text] : []));
}

/** The variables that every program needs, without our secrets. */
function basics(given: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => /^(PATH|HOME|TMPDIR|LANG|TZ|LC_\w+)$/.test(name)));
}

/** An empty variable counts as absent. */
const defined = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => Boolean(entry[1])));
