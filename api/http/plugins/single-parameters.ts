import type { FastifyRequest } from 'fastify';
import { plugin } from '../plugin.ts';
import { apiProblems } from '../problem.ts';

/**
 * Refuses a query parameter that is given more than once, except where the route takes a list. Which of the values counts
 * would depend on the program that reads them, and a proxy in between may read another one than Mooring. Refuses also a
 * number that is not written as one, because the validator takes `true` for 1.
 */
export const singleParameters = plugin('single-parameters', ['problems'], (app) => {
  app.addHook('preValidation', (request, _reply, done) => {
    const errors = wrongParameters(request);
    done(errors.length === 0 ? undefined : apiProblems.invalidRequest(errors));
  });
});

/** A route without a schema for its query reads none of it; the redirect of a cloud is checked by its own route. */
function wrongParameters({ query, routeOptions }: FastifyRequest): string[] {
  const schema = routeOptions.schema?.querystring as QuerySchema | undefined;
  if (!schema) return [];
  const { properties = {} } = schema;
  return Object.entries(query as Readonly<Record<string, unknown>>).flatMap(([name, value]) => {
    const type = properties[name]?.type;
    if (Array.isArray(value)) return type === 'array' ? [] : [`querystring: "${name}" is given more than once.`];
    const isNumber = type === 'integer' || type === 'number';
    return isNumber && !NUMBER.test(String(value)) ? [`querystring: "${name}" must be ${type}.`] : [];
  });
}

const NUMBER = /^-?\d{1,20}(\.\d{1,20})?$/;

interface QuerySchema {
  readonly properties?: Readonly<Record<string, { readonly type?: string }>>;
}
