import { Type } from 'typebox';

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
    Object.entries({ 500: 'A fault of ours, told on a page.', ...replies }).map(([status, text]) => [
      status,
      status.startsWith('3') ? redirect(text) : page(text),
    ]),
  );

export const TokenParams = Type.Object({ token: Type.String({ maxLength: 2048, pattern: '^[A-Za-z0-9_.-]+$' }) });
