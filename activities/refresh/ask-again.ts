import { ApplicationFailure } from '@temporalio/common';
import { failureTypes, type UpkeepReport } from '../../contracts/activities.ts';
import type { CredentialFacts } from '../../contracts/connection.ts';
import type { Problem } from '../../contracts/problem.ts';

/** The Temporal UI shows it beside the pending activity. */
const MESSAGE_CHARACTERS = 200;
/** Of a problem's texts: the server drops the details of a failure above about 3.8 KB, and sealing makes them longer. */
const PROBLEM_CHARACTERS = 200;
/** The server's own clock decides: a delay of nothing would be the retry policy's instead. */
const SHORTEST_DELAY_MS = 1_000;

/**
 * The failure by which `keepFresh` asks to be tried again at a given time. It is benign (no warning, no failure metric)
 * and small (no stack, no cause): the server keeps it for as long as the activity waits.
 */
export function askAgain(ask: {
  readonly atMs: number;
  readonly nowMs: number;
  /** One sentence for the operator who looks at the pending activity. */
  readonly sentence: string;
  readonly facts: CredentialFacts | null;
  readonly problem?: Problem;
}): ApplicationFailure {
  const { atMs, nowMs, sentence, facts, problem } = ask;
  const failure = ApplicationFailure.create({
    type: failureTypes.askAgain,
    message: cut(sentence, MESSAGE_CHARACTERS),
    category: 'BENIGN',
    nextRetryDelay: Math.max(Math.round(atMs - nowMs), SHORTEST_DELAY_MS),
    details: [reportOf(facts, problem)],
  });
  failure.stack = '';
  return failure;
}

function reportOf(facts: CredentialFacts | null, problem: Problem | undefined): UpkeepReport {
  return {
    v: 1,
    ...(facts && {
      generation: facts.generation,
      issuedAt: facts.issuedAt,
      expiresAt: facts.expiresAt,
      nextRefreshAt: facts.nextRefreshAt,
    }),
    ...(problem && {
      problem: {
        code: problem.code,
        message: cut(problem.message, PROBLEM_CHARACTERS),
        remedy: cut(problem.remedy, PROBLEM_CHARACTERS),
      },
    }),
  };
}

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);
