import { clientCodes, MooringError } from './client/index.ts';
import { exitCodes } from './exit-codes.ts';

/** An error of the program itself, with a stable code and a remedy. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  readonly remedy: string;
  readonly exitCode: number;

  constructor(
    { code, message, remedy }: { readonly code: string; readonly message: string; readonly remedy: string },
    exitCode: number = exitCodes.error.code,
  ) {
    super(message);
    this.code = code;
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}

export const cliProblems = {
  notSignedIn: (why: string) =>
    new CliError(
      {
        code: 'not_signed_in',
        message: why,
        remedy: 'Run "mooring login --url URL", or set MOORING_URL and MOORING_API_KEY.',
      },
      exitCodes.notSignedIn.code,
    ),
  cancelled: (message = 'Cancelled; nothing was changed.') =>
    new CliError({ code: 'cancelled', message, remedy: 'Run it again.' }, exitCodes.cancelled.code),
  needsYes: (what: string) =>
    new CliError({
      code: 'confirmation_required',
      message: `${what} needs a confirmation, and nobody can be asked here.`,
      remedy: 'Add --yes.',
    }),
  needsInput: (what: string, remedy: string) =>
    new CliError({ code: 'input_required', message: `${what} is missing, and nobody can be asked here.`, remedy }),
  notShown: (what: string) =>
    new CliError({
      code: 'secret_not_shown',
      message: `${what} would appear on the terminal.`,
      remedy: 'Pipe it into the program that needs it, or add --show.',
    }),
  usage: (message: string, remedy: string) => new CliError({ code: 'usage', message, remedy }),
} as const;

export interface Reported {
  /** For stderr. */
  readonly lines: readonly string[];
  readonly exitCode: number;
}

const waiting: readonly string[] = [clientCodes.waitedInVain, clientCodes.endedOtherwise];

/** What a person reads of an error, and how the program ends. Pure. */
export function reportOf(error: unknown): Reported {
  if (error instanceof CliError) return { lines: linesOf(error), exitCode: error.exitCode };
  if (error instanceof MooringError) {
    const named = error.requestId === null ? [] : [`request id: ${error.requestId}`];
    return { lines: [...linesOf(error), ...named], exitCode: exitOf(error) };
  }
  if (isAbort(error)) return { lines: ['Cancelled.'], exitCode: exitCodes.cancelled.code };
  const message = error instanceof Error ? error.message : String(error);
  const remedy = 'This is a fault of the program; report it with the command that you ran.';
  return { lines: linesOf({ code: 'unexpected', message, remedy }), exitCode: exitCodes.error.code };
}

const linesOf = ({ code, message, remedy }: { code: string; message: string; remedy: string }): string[] => [
  `error: ${message}`,
  `remedy: ${remedy}`,
  `code: ${code}`,
];

function exitOf({ code, status }: MooringError): number {
  if (status === 401) return exitCodes.notSignedIn.code;
  return waiting.includes(code) ? exitCodes.waitedInVain.code : exitCodes.error.code;
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';
