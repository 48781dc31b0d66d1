import { Type } from 'typebox';

import type { InventoryRow } from '../../../stores/inventory/port.ts';
import { CallError } from '../../http/call-error.ts';
import type { Absence, ListFailure } from '../../listing/lister.ts';
import type { GoogleApi } from './api.ts';
import { errorOf, failureOf, type Asked } from './failures.ts';
import { projectHidden } from './problems.ts';
import { refusalOf } from './refusal.ts';

/** More than that are left to the next passes: one call each. */
const MOST_ASKED = 100;

/** Where one resource is read: the role of the service's URL, and what stands before its name there. */
const places: Readonly<Record<string, { readonly url: string; readonly prefix: string }>> = {
  'compute.googleapis.com': { url: 'compute', prefix: '/compute/v1/' },
  'container.googleapis.com': { url: 'container', prefix: '/v1/' },
  'cloudsql.googleapis.com': { url: 'sqlAdmin', prefix: '/v1/' },
  'spanner.googleapis.com': { url: 'spanner', prefix: '/v1/' },
  'alloydb.googleapis.com': { url: 'alloyDb', prefix: '/v1/' },
  'storage.googleapis.com': { url: 'storage', prefix: '/storage/v1/b/' },
  'run.googleapis.com': { url: 'run', prefix: '/v2/' },
  'cloudfunctions.googleapis.com': { url: 'cloudFunctions', prefix: '/v2/' },
  'artifactregistry.googleapis.com': { url: 'artifactRegistry', prefix: '/v1/' },
};

const projectReply = Type.Object({ projectId: Type.String(), state: Type.Optional(Type.String()) });
/** Nothing of it is read: that it is there is the answer. */
const anyReply = Type.Object({});

type Word = 'gone' | 'there' | 'unknown';

export interface Witness {
  readonly urls: Readonly<Record<string, string>>;
  readonly asked: Asked;
}

/**
 * Asks each service about each resource that a list lacks. Throws `ProviderError` where Google does not accept the token,
 * and the signal's reason when aborted.
 */
export async function confirmGone(
  api: GoogleApi,
  { urls, asked }: Witness,
  rows: readonly InventoryRow[],
): Promise<Absence> {
  const words = await Promise.all(
    rows.slice(0, MOST_ASKED).map(async ({ key, id }) => {
      const url = resourceUrl(urls, id);
      if (url === undefined) return { key, word: 'unknown' as const };
      const error = await failureOfRead(async () => await api.get(url, anyReply));
      return { key, word: error === undefined ? ('there' as const) : wordOf(error, asked) };
    }),
  );
  return absenceOf(words, null);
}

/** A project that is being deleted can still be read for a month; one that may not be seen looks like one that is gone. */
export async function confirmProjectsGone(
  api: GoogleApi,
  { urls, asked }: Witness,
  rows: readonly InventoryRow[],
): Promise<Absence> {
  let refused: ListFailure | null = null;
  const words = await Promise.all(
    rows.slice(0, MOST_ASKED).map(async ({ key, id }): Promise<{ key: string; word: Word }> => {
      let state = 'ACTIVE';
      const error = await failureOfRead(async () => {
        const url = new URL(`${urls['resourceManager'] ?? ''}/v3/projects/${encodeURIComponent(id)}`);
        state = (await api.get(url, projectReply)).state ?? state;
      });
      if (error === undefined) return { key, word: state === 'ACTIVE' ? 'there' : 'gone' };
      const word = wordOf(error, asked);
      const failure = failureOf(error, { ...asked, project: id });
      if (word === 'unknown' && failure.class !== 'transient') {
        const problem = failure.denied
          ? projectHidden(id, refusalOf(error)?.said ?? '', asked.console)
          : failure.problem;
        refused ??= { ...failure, problem };
      }
      return { key, word };
    }),
  );
  return absenceOf(words, refused);
}

/** Undefined = it was read. */
async function failureOfRead(read: () => Promise<unknown>): Promise<CallError | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (error instanceof CallError) return error;
    throw error;
  }
}

/** Only Google's own 404 is a witness: a proxy on the way has one too. */
function wordOf(error: CallError, asked: Asked): Word {
  const refusal = refusalOf(error);
  if (refusal?.status === 404 && refusal.isGoogles) return 'gone';
  const failure = failureOf(error, asked);
  if (failure.class === 'revoked') throw errorOf(failure);
  return 'unknown';
}

function absenceOf(words: readonly { key: string; word: Word }[], refused: ListFailure | null): Absence {
  const of = (wanted: Word) => new Set(words.filter(({ word }) => word === wanted).map(({ key }) => key));
  return { gone: of('gone'), there: of('there'), refused };
}

function resourceUrl(urls: Readonly<Record<string, string>>, id: string): URL | undefined {
  const [host = '', ...segments] = id.split('/');
  const place = places[host];
  if (place === undefined || segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return undefined;
  }
  return new URL(`${urls[place.url] ?? ''}${place.prefix}${segments.map(encodeURIComponent).join('/')}`);
}
