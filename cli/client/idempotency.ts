import { idempotentOperations } from './generated/idempotent-operations.ts';

const operations = [...idempotentOperations].map((operation) => {
  const [method = '', template = ''] = operation.split(' ');
  return { method, path: new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`) };
});

/** Whether the API serves a repeat of such a request only once. `path` is below the base URL. */
const takesIdempotencyKey = (method: string, path: string): boolean =>
  operations.some((operation) => operation.method === method && operation.path.test(path));

/**
 * Gives a request a key of its own where the operation takes one and the caller gave none. Elsewhere a key would promise
 * what is not kept, so it is removed.
 */
export function withIdempotencyKey(request: Request, path: string, newKey: () => string): Request {
  if (!takesIdempotencyKey(request.method, path)) request.headers.delete('idempotency-key');
  else if (!request.headers.has('idempotency-key')) request.headers.set('idempotency-key', newKey());
  return request;
}
