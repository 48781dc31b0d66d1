import { parseArgs } from 'node:util';
import type { Clock } from '../../platform/clock.ts';
import { ConfigError } from '../../platform/config.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { readMarks, releaseKey } from '../../stores/key-check.ts';
import { reasonsToKeep, statusReport, statusTable, stillNeeded, type StatusReport } from './report.ts';
import { openInstallation, type Installation } from './installation.ts';
import { countInTemporal } from './temporal-keys.ts';

const USAGE = `Usage:
  npm run key [<id>]                          a new key for MOORING_KEYS
  npm run key -- status [--json] [--sample N] what is sealed with which key
  npm run key -- drop-check <id> [--json]     whether a key may be dropped
  npm run key -- retire <id> [--json]         lets processes start without the key; refused while something needs it

Exit codes: 0 = only the first key is in use, or the key may be dropped; 1 = another key, or this one, is still needed;
2 = it could not be found out.`;

/** The three outcomes that a rotation script needs. */
const exit = { done: 0, needed: 1, unknown: 2 } as const;

export interface Terminal {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

interface Asked {
  readonly id: string | undefined;
  readonly json: boolean;
  readonly sample: number | undefined;
}

type Command = (installation: Installation, asked: Asked, terminal: Terminal, clock: Clock) => Promise<number>;

const commands: Readonly<Record<string, Command>> = { status, 'drop-check': dropCheck, retire };

/** Answers the exit code. Never rejects. */
export async function runKey(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  clock: Clock,
  terminal: Terminal,
): Promise<number> {
  let installation: Installation | undefined;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean' }, sample: { type: 'string' }, help: { type: 'boolean' } },
    });
    const [name, id] = positionals;
    const command = name === undefined ? undefined : commands[name];
    if (values.help) return usage(terminal.out, exit.done);
    if (!command) {
      if (positionals.length > 1) return usage(terminal.err, exit.unknown);
      terminal.out(KeyRing.generate(name));
      return exit.done;
    }
    const sample = values.sample === undefined ? undefined : Number(values.sample);
    const misused = (name === 'status') !== (id === undefined) || (sample !== undefined && !(sample > 0));
    if (misused) return usage(terminal.err, exit.unknown);
    installation = await openInstallation(environment);
    return await command(installation, { id, json: values.json ?? false, sample }, terminal, clock);
  } catch (error) {
    const sentences = error instanceof ConfigError ? error.sentences : [String(error)];
    for (const sentence of sentences) terminal.err(sentence);
    return exit.unknown;
  } finally {
    await installation?.close();
  }
}

async function status(installation: Installation, { json, sample }: Asked, { out }: Terminal): Promise<number> {
  const report = await look(installation, sample);
  out(json ? JSON.stringify(report, null, 2) : statusTable(report));
  return stillNeeded(report).length === 0 ? exit.done : exit.needed;
}

async function dropCheck(installation: Installation, asked: Asked, terminal: Terminal, clock: Clock): Promise<number> {
  return await decide(installation, asked, terminal, clock, {
    verdict: 'droppable',
    sentence: (id) => `"${id}" may be dropped: npm run key -- retire ${id}`,
  });
}

async function retire(installation: Installation, asked: Asked, terminal: Terminal, clock: Clock): Promise<number> {
  return await decide(installation, asked, terminal, clock, {
    verdict: 'retired',
    act: async (id) => await releaseKey(installation.secrets, id),
    sentence: (id) =>
      `"${id}" is retired. Take it out of MOORING_KEYS of every process, and put it into MOORING_RETIRED_KEYS of the API for 90 days: it verifies the links that were signed with it.`,
  });
}

interface Verdict {
  /** What it is called in JSON. */
  readonly verdict: string;
  /** Only where nothing needs the key. */
  readonly act?: (id: string) => Promise<void>;
  readonly sentence: (id: string) => string;
}

async function decide(
  installation: Installation,
  { id = '', json }: Asked,
  { out, err }: Terminal,
  clock: Clock,
  { verdict, act, sentence }: Verdict,
): Promise<number> {
  const reasons = reasonsToKeep(id, await look(installation), clock.now());
  if (!reasons) {
    err(`No process has had a key "${id}".`);
    return exit.unknown;
  }
  const droppable = reasons.length === 0;
  if (droppable) await act?.(id);
  if (json) out(JSON.stringify({ id, [verdict]: droppable, reasons }, null, 2));
  else for (const line of droppable ? [sentence(id)] : reasons) out(line);
  return droppable ? exit.done : exit.needed;
}

async function look({ config, secrets, temporal, standIns }: Installation, sample?: number): Promise<StatusReport> {
  return statusReport({
    keyRing: config.keyRing,
    marks: (await readMarks(secrets))?.marks,
    temporal: await countInTemporal(temporal, config.temporal.namespace, sample),
    standIns: standIns(),
  });
}

function usage(write: (line: string) => void, code: number): number {
  write(USAGE);
  return code;
}
