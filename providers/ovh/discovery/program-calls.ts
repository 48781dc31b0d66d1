import type { CallOutcome } from '../../../contracts/attempts.ts';
import type { CliResult } from '../../cli/run-cli.ts';
import type { CallFailure } from '../../http/call-error.ts';
import { currentWatch } from '../../http/call-watch.ts';
import { reportAnswer, reportUnanswered } from '../../http/report-calls.ts';
import { saidInJson } from '../../http/said.ts';

const outcomes: Readonly<Record<Exclude<CliResult['outcome'], 'exited'>, CallOutcome>> = {
  timed_out: 'timed_out',
  cancelled: 'aborted',
  output_too_large: 'aborted',
  signalled: 'aborted',
  not_started: 'not_sent',
};

/**
 * Reports a run of the program that did not end by itself. Of one that did, the function that is returned reports each
 * call that the program says has failed; the credential has been taken out of its output by then.
 */
export function reportProgram(result: CliResult, durationMs: number): (failure: CallFailure) => void {
  const watch = currentWatch();
  if (!watch) return () => {};
  // The program asks several hosts and names none of them.
  const run = { host: null, durationMs };
  if (result.outcome !== 'exited') {
    reportUnanswered(watch, { ...run, outcome: outcomes[result.outcome], reason: `ovhcloud: ${result.outcome}` });
  }
  return (failure) => {
    switch (failure.kind) {
      case 'status': {
        const queryId = failure.body?.['queryId'];
        const requestId = typeof queryId === 'string' ? queryId : undefined;
        const { status, body } = failure;
        return reportAnswer(watch, { ...run, status, requestId, said: saidInJson(body), secrets: [] });
      }
      case 'no_answer': {
        const outcome = failure.delivery === 'not_sent' ? 'not_sent' : 'unavailable';
        return reportUnanswered(watch, { ...run, outcome, reason: failure.reason });
      }
      case 'oauth': {
        const said = { code: failure.error, message: failure.description ?? undefined };
        return reportAnswer(watch, { ...run, status: 400, requestId: undefined, said, secrets: [] });
      }
      case 'no_access_token':
      case 'insecure_url':
        return undefined;
    }
  };
}
