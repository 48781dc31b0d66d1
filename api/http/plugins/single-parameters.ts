import type { FastifyRequest } from 'fastify';
import { plugin } from '../plugin.ts';
import { apiProblems } from '../problem.ts';

/**
 * Refuses a query parameter that is given more than once, except where the route takes a list. Which of the values counts
 * would depend on the program that reads them, and a proxy in between may read another one than Mooring.
 */
export const singleParameters = plugin('single-parameters', ['problems'], (app) => {
  app.addHook('preValidation', (request, _reply, done) => {
    const repeated = repeatedParameters(request);
    done(
      repeated.length === 0
        ? undefined
        : apiProblems.invalidRequest(repeated.map((name) => `querystring: "${name}" is given more than once.`)),
    );
  });
});

/** A route without a schema for its query reads none of it; the redirect of a cloud is checked by its own route. */
function repeatedParameters({ query, routeOptions }: FastifyRequest): string[] {
  const schema = routeOptions.schema?.querystring as QuerySchema | undefined;
  if (!schema) return [];
  const { properties = {} } = schema;
  return Object.entries(query as Readonly<Record<string, unknown>>)
    .filter(([name, value]) => Array.isArray(value) && properties[name]?.type !== 'array')
    .map(([name]) => name);
}

interface QuerySchema {
  readonly properties?: Readonly<Record<string, { readonly type?: string }>>;
}
