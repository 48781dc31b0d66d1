import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { variables } from '../../platform/config/variables.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { Secret } from '../../platform/secret.ts';
import { connectionOptions } from '../../platform/temporal/connection.ts';
import { createDataConverter } from '../../platform/temporal/data-converter.ts';
import { workflowSource } from '../../worker/workers.ts';
import { replaySample, type ReplayReport } from './replay-sample.ts';

const USAGE = `Usage:
  npm run replay -- [--address <host:port>] [--namespace <name>] [--tls] [--sample <N>] [--json]

Replays histories of a running installation on this build's workflows, before it is deployed: of each workflow type the
N newest that run and the N newest that have ended (default 50), and of connections N of each status. Reads only.

  --address, --namespace, --tls   where Temporal is; default: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_TLS
  TEMPORAL_API_KEY                API key for Temporal Cloud; implies --tls
  MOORING_KEYS                    the key ring of the installation, from the environment alone

Exit codes: 0 = all of them replay; 1 = some do not; 2 = it could not be found out.`;

const exit = { done: 0, failed: 1, unknown: 2 } as const;
const DEFAULT_SAMPLE = 50;

export interface Terminal {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Asked {
  readonly address: string;
  readonly namespace: string;
  readonly tls: boolean;
  readonly apiKey: Secret<string> | undefined;
  readonly sample: number;
  readonly json: boolean;
}

/** Answers the exit code. Never rejects. */
export async function runReplay(
  args: readonly string[],
  environment: Environment,
  terminal: Terminal,
): Promise<number> {
  let connection: Connection | undefined;
  try {
    const asked = parse(args, environment);
    if (asked === 'help') {
      terminal.out(USAGE);
      return exit.done;
    }
    const keyRing = keyRingOf(environment);
    // Of `npm start`: there an operator's signal from the Temporal UI is read although it is not sealed.
    const isDevelopment = environment[variables.mode.name] === 'dev';
    const dataConverter = createDataConverter(keyRing, isDevelopment ? 'on' : 'required');
    connection = await Connection.connect({ ...connectionOptions(asked), connectTimeout: '10 s' });
    const client = new Client({ connection, namespace: asked.namespace });
    const report = await replaySample({ client, dataConverter, code: workflowSource(), sample: asked.sample });
    if (asked.json) terminal.out(JSON.stringify(report, null, 2));
    else for (const line of [...replayTable(report), ...failureLines(report)]) terminal.out(line);
    return report.failures.length === 0 ? exit.done : exit.failed;
  } catch (error) {
    terminal.err(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : sentenceOf(error));
    return exit.unknown;
  } finally {
    await connection?.close();
  }
}

class UsageError extends Error {
  override readonly name = 'UsageError';
}

function parse(args: readonly string[], environment: Environment): Asked | 'help' {
  const options = {
    address: { type: 'string' },
    namespace: { type: 'string' },
    sample: { type: 'string' },
    tls: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  const values = readArguments(() => parseArgs({ args: [...args], options }).values);
  if (values.help) return 'help';
  const address = values.address ?? environment[variables.temporalAddress.name];
  if (!address) throw new UsageError('Say where Temporal is: --address host:port.');
  const sample = Number(values.sample ?? DEFAULT_SAMPLE);
  if (!Number.isInteger(sample) || sample < 1) throw new UsageError('--sample takes a whole number above zero.');
  const apiKey = environment[variables.temporalApiKey.name];
  return {
    address,
    namespace: values.namespace ?? environment[variables.temporalNamespace.name] ?? variables.temporalNamespace.default,
    tls: values.tls ?? (environment[variables.temporalTls.name] === 'true' || Boolean(apiKey)),
    apiKey: apiKey ? new Secret(apiKey) : undefined,
    sample,
    json: values.json ?? false,
  };
}

function readArguments<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(sentenceOf(error));
  }
}

function keyRingOf(environment: Environment): KeyRing {
  const keys = environment[variables.keys.name];
  if (!keys) throw new UsageError(`${variables.keys.name} is not set: histories are sealed with its keys.`);
  return KeyRing.parse(keys);
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function replayTable({ groups }: ReplayReport): readonly string[] {
  if (groups.length === 0) return ['There is nothing to replay in this namespace.'];
  const rows = [
    ['WORKFLOWS', 'REPLAYED', 'FAILED'],
    ...groups.map(({ name, replayed, failed }) => [name, String(replayed), String(failed)]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(([name = '', ...numbers]) =>
    [name.padEnd(widths[0] ?? 0), ...numbers.map((number, index) => number.padStart(widths[index + 1] ?? 0))].join(
      '  ',
    ),
  );
}

/** The fields that identify a run in the Temporal UI. */
function failureLines({ failures }: ReplayReport): readonly string[] {
  if (failures.length === 0) return [];
  return [
    '',
    'These do not replay: after a deployment of this build they would stand still.',
    ...failures.flatMap(({ workflowId, runId, reason }) => [`${workflowId}  run ${runId}`, `  ${reason}`]),
  ];
}
