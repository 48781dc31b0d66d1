import type { FetchResponse, MaybeOptionalInit } from 'openapi-fetch';
import type { paths } from './generated/openapi.ts';

export type Method = 'get' | 'post' | 'patch' | 'delete';

/** The paths of the API that have the method. */
export type PathWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends { readonly [K in M]: object } ? P : never;
}[keyof paths];

/** `params`, `body` and `signal` of an operation. */
export type Init<P extends keyof paths, M extends Method> = MaybeOptionalInit<paths[P], M>;

type Optional<T> = undefined extends T ? [init?: T] : [init: T];
type Succeeded<T> = T extends { readonly data: infer D; readonly error?: never } ? D : never;

/** What the operation answers where it succeeds. */
export type Answer<P extends keyof paths, M extends Method> = Succeeded<
  FetchResponse<Extract<paths[P][M], Record<string | number, unknown>>, undefined, `${string}/${string}`>
>;

/**
 * Calls an operation by its path as the OpenAPI document has it, such as `/v1/connections/{id}`. Rejects with
 * `MooringError`, or with the reason of the signal.
 */
export type Call<M extends Method> = <P extends PathWith<M>>(
  path: P,
  ...init: Optional<Init<P, M>>
) => Promise<Answer<P, M>>;

interface Page {
  readonly items: readonly unknown[];
  readonly nextCursor: string | null;
}

/** The paths that answer one page of a list. */
export type PagedPath = {
  [P in PathWith<'get'>]: [Answer<P, 'get'>] extends [never] ? never : Answer<P, 'get'> extends Page ? P : never;
}[PathWith<'get'>];

export type Item<P extends PagedPath> = Answer<P, 'get'> extends { readonly items: readonly (infer T)[] } ? T : never;

/** Reads a list page by page; ends with its last item. */
export type Paginate = <P extends PagedPath>(
  path: P,
  ...init: Optional<Init<P, 'get'>>
) => AsyncGenerator<Item<P>, void>;
