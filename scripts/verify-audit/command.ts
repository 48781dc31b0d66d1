import { open } from 'node:fs/promises';
import { variables } from '../../platform/config/variables.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { createVerifier, type Verdict } from '../../stores/audit/verify.ts';

interface Output {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

const USAGE = `Usage: npm run verify-audit -- FILE
FILE is what GET /v1/audit/export answered with format=jsonl. With ${variables.keys.name} (and ${variables.retiredKeys.name}) set, the
signatures are checked as well. Exits with 0 where the record is whole, with 1 where it is not.`;

/** Checks an exported record without the installation that it is from. Answers the exit code. */
export async function runVerifyAudit(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  { out, err }: Output,
): Promise<number> {
  const [file] = args;
  if (file === undefined || file.startsWith('-')) {
    err(USAGE);
    return 2;
  }
  const keys = environment[variables.keys.name];
  const keyRing = keys ? KeyRing.parse(keys, environment[variables.retiredKeys.name]) : undefined;
  const verdict = await verifyFile(file, keyRing);
  out(sentenceOf(verdict, keyRing !== undefined));
  return verdict.ok ? 0 : 1;
}

async function verifyFile(file: string, keyRing: KeyRing | undefined): Promise<Verdict> {
  const verifier = createVerifier(keyRing);
  const handle = await open(file);
  for await (const text of handle.readLines()) {
    if (!verifier.add(text)) break;
  }
  await handle.close();
  return verifier.end();
}

function sentenceOf({ from, to, checked, brokenAt }: Verdict, isSigned: boolean): string {
  if (brokenAt) return `Broken at line ${brokenAt.seq ?? 'of unknown number'}: ${brokenAt.reason}`;
  if (!from || !to) return 'There is no line in the file.';
  const how = isSigned ? 'Hashes and signatures' : `Hashes (without ${variables.keys.name} not the signatures)`;
  return `Whole: ${checked} lines, ${from.seq} to ${to.seq}, ${from.recordedAt} to ${to.recordedAt}. ${how} are right.`;
}
