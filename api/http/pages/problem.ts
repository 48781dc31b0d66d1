import type { ApiProblem } from '../problem.ts';
import { html } from './html.ts';
import type { Page } from './layout.ts';
import { messagePage } from './message.ts';

/** A problem, where a person is looking: cause, remedy, and what to quote when asking for help. */
export function problemPage(problem: ApiProblem, requestId: string): Page {
  return messagePage({
    tone: 'bad',
    title: problem.status >= 500 ? 'Something does not answer' : 'This did not work',
    sentences: [problem.message, problem.remedy],
    code: problem.code,
    note: html`<p class="code">Request: <code>${requestId}</code></p>`,
  });
}
