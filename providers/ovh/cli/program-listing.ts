import type { Cli } from '../../cli/run-cli.ts';
import type { ListContext } from '../../listing/lister.ts';
import { ProviderError } from '../../provider.ts';
import { argumentsFor, type Dialect } from './commands.ts';
import { commandOf } from './dialect.ts';
import { programEnvironment } from './environment.ts';
import type { OvhKindId } from './kinds.ts';
import { readProgramOutput, type RawListing } from './program-output.ts';
import { killed, missing, timedOut, tooLarge } from './program-problems.ts';

export interface ProgramLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** One list by one run of the program. Throws `ProviderError`, or the signal's reason. */
export async function listByProgram(
  { cli, program, dialect, limits }: { cli: Cli; program: string; dialect: Dialect; limits: ProgramLimits },
  context: ListContext,
  kind: OvhKindId,
  projectId: string | null,
): Promise<RawListing> {
  const [file, ...before] = commandOf(program);
  const args = [...before, ...argumentsFor(dialect, kind, projectId)];
  const { region, signal } = context;
  const result = await cli.run({ file, args, env: programEnvironment(context), ...limits, signal });
  signal.throwIfAborted();
  switch (result.outcome) {
    case 'exited':
      return readProgramOutput(result, region.manifest);
    case 'timed_out':
    case 'cancelled':
      throw timedOut(limits.timeoutMs);
    case 'output_too_large':
      throw tooLarge(limits.maxBytes);
    case 'signalled':
      throw killed(result.signal);
    case 'not_started':
      throw new ProviderError({ class: 'config', problem: missing(program, result.code), delivery: 'not_sent' });
  }
}
