import { html, type Html } from './html.ts';
import type { Page } from './layout.ts';

export interface Message {
  readonly tone: 'neutral' | 'good' | 'bad';
  readonly title: string;
  readonly sentences: readonly string[];
  /** A stable code, for whoever is asked for help. */
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
