import { plugin } from '../plugin.ts';
import { ApiProblem } from '../problem.ts';

/** Far more than a body of any route has, where the route sets no limit of its own. */
const MAX_VALUES = 2_000;

/**
 * Refuses a body with very many values before the schema sees it. A schema that finds one mistake goes on through all
 * the others: a million empty objects, 3 MiB, would keep the process busy for seven seconds.
 */
export const bodyValues = plugin('body-values', ['json-body'], (app) => {
  app.addHook('preValidation', (request, _reply, done) => {
    const most = request.routeOptions.config.maxBodyValues ?? MAX_VALUES;
    done(hasMore(request.body, most) ? tooManyValues(most) : undefined);
  });
});

/** Whether there are more values than that, inner ones included. Looks at no more than needed. */
export function hasMore(body: unknown, most: number): boolean {
  const waiting: unknown[] = body === undefined ? [] : [body];
  for (let count = 0; count < most; count += 1) {
    if (waiting.length === 0) return false;
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) continue;
    const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
    if (inner.length > most) return true;
    waiting.push(...inner);
  }
  return waiting.length > 0;
}

const tooManyValues = (most: number): ApiProblem =>
  new ApiProblem({
    status: 413,
    code: 'body_too_large',
    message: `The body has more than ${most} values.`,
    remedy: 'Send less in each request: /openapi.json has the limits of every field.',
  });
