import { buildOpenApi } from '../../api/http/build-openapi.ts';

export interface Operation {
  readonly operationId: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{name}` for parameters. */
  readonly path: string;
  /** The path with a value for each parameter. */
  readonly url: string;
  /** The scopes of which a key needs one; none = for everyone. */
  readonly scopes: readonly string[];
}

interface Declared {
  readonly operationId: string;
  readonly security: readonly { readonly apiKey: readonly string[] }[];
}

/** Every operation of the OpenAPI document: what is tested for each of them is tested for a new route too. */
export async function openApiOperations(): Promise<readonly Operation[]> {
  const { paths } = (await buildOpenApi()) as { readonly paths: Record<string, Record<string, Declared>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, security }]) => ({
      operationId,
      method: method.toUpperCase() as Operation['method'],
      path,
      url: withValues(path),
      scopes: security.flatMap(({ apiKey }) => apiKey),
    })),
  );
}

const ids = { connections: `con_${'a'.repeat(26)}`, providers: 'ovh', 'api-keys': '0'.repeat(16), tenants: 'acme' };

const withValues = (path: string): string =>
  Object.entries(ids)
    .reduce((url, [folder, id]) => url.replace(`/${folder}/{id}`, `/${folder}/${id}`), path)
    .replaceAll(/\{\w+\}/g, 'x');
