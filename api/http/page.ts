import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { html, type Html } from './html.ts';
import type { ApiProblem } from './problem.ts';

export interface Page {
  readonly title: string;
  readonly body: Html;
  /** For the head: what a single page needs besides the stylesheet. */
  readonly head?: Html;
  /** For pages that show code. */
  readonly isWide?: boolean;
}

/** One calm card in one column; works from 375 px up, light and dark, without a script. */
export function layout({ title, body, head, isWide = false }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Mooring</title>
        <link rel="stylesheet" href="/assets/mooring.css" />
        <link rel="icon" href="data:," />
        ${head}
      </head>
      <body>
        <main class="card ${isWide && 'wide'}">${body}</main>
        <p class="foot">Mooring keeps cloud connections alive.</p>
      </body>
    </html>`.toString();
}

/** Pages show the state of a connection at one moment, for one browser: no cache may keep them. */
export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  return reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(layout(page));
}

const page = (description: string) => ({
  description,
  content: { 'text/html': { schema: Type.String({ description: 'A page.' }) } },
});

const redirect = (description: string) => ({
  description,
  headers: { location: { type: 'string', description: 'Where to go on.' } },
  content: { 'text/plain': { schema: Type.String({ maxLength: 0, description: 'Empty.' }) } },
});

/** Reply schemas of a route that answers pages, by status; those of 3xx have no body but their `Location`. */
export const pageReplies = (replies: Readonly<Record<number, string>>): Record<number, object> =>
  Object.fromEntries(
    Object.entries({ ...everywhere, ...replies }).map(([status, text]) => [
      status,
      status.startsWith('3') ? redirect(text) : page(text),
    ]),
  );

const everywhere = {
  400: 'The address is not valid.',
  414: 'The address is too long.',
  500: 'A fault of ours, shown as a page.',
};

export const TokenParams = Type.Object({ token: Type.String({ maxLength: 2048, pattern: '^[A-Za-z0-9_.-]+$' }) });

export interface Message {
  readonly tone: 'neutral' | 'good' | 'bad';
  readonly title: string;
  readonly sentences: readonly string[];
  /** A stable code, to quote when asking for help. */
  readonly code?: string;
  readonly link?: { readonly href: string; readonly text: string };
  readonly note?: Html;
}

/** A page that says one thing: what is the case, why, and what to do. */
export function messagePage({ tone, title, sentences, code, link, note }: Message): Page {
  return {
    title,
    body: html`<h1 class="tone ${tone}">${title}</h1>
      ${sentences.map((sentence) => html`<p>${sentence}</p>`)}
      ${link && html`<p><a class="button" href="${link.href}">${link.text}</a></p>`} ${note}
      ${code && html`<p class="code">Code: <code>${code}</code></p>`}`,
  };
}

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
