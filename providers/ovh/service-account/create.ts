import { Type } from 'typebox';

import type { JsonObject } from '../../../platform/json.ts';
import { Secret } from '../../../platform/secret.ts';
import { classified } from '../../http/classify.ts';
import { startDeadline } from '../../http/deadline.ts';
import { ProviderError, type Prepared } from '../../provider.ts';
import type { RegionSettings } from '../../manifests/settings.ts';
import { createSignedApi, type ApiDependencies, type OvhApi } from '../api.ts';
import { NewClientSchema, OwnerSchema } from '../schema.ts';
import { makingClassifier, undoFailed, type Step } from './errors.ts';
import { policyFor } from './policy.ts';
import { setupKeys, type Creation } from './record.ts';
import { nameOf, removeByName } from './remove.ts';

/** A preparation and its undoing end before the next try begins. */
const UNDO_MS = 5_000;

export interface Making {
  readonly region: RegionSettings;
  readonly connectionId: string;
  readonly creation: Creation;
  readonly signal: AbortSignal;
}

/**
 * Makes a service account with a policy for the chosen projects (OVHcloud's API guide; policies are of version 2).
 * What an earlier try may have left is deleted first; if anything fails, what was made is deleted again.
 */
export async function createServiceAccount(deps: ApiDependencies, making: Making): Promise<Prepared> {
  const { region, connectionId, creation, signal } = making;
  const { projects, access } = creation;
  const api = createSignedApi(deps, region, creation.keys);
  const name = nameOf(connectionId, creation.keys.consumerKey);
  const step = <T>(what: Step, work: () => Promise<T>) => classified(makingClassifier(what, region.manifest), work);

  const { nichandle } = await step('owner', () => api.call({ method: 'GET', path: '/me', reply: OwnerSchema, signal }));
  await step('account', () => removeByName(api, name, signal));
  try {
    const { clientId, clientSecret } = await step('account', () =>
      api.call({
        method: 'POST',
        path: '/me/api/oauth2/client',
        body: { name, description: 'Made by Mooring', flow: 'CLIENT_CREDENTIALS', callbackUrls: [] },
        reply: NewClientSchema,
        signal,
      }),
    );
    const terms = policyFor({ region: region.manifest.id, nichandle, clientId, projects, access });
    await step('policy', () =>
      api.call({
        method: 'POST',
        path: '/v2/iam/policy',
        body: { name, description: `What the service account ${clientId} may do`, ...terms },
        reply: Type.Unknown(),
        signal,
      }),
    );
    const madeAt = Math.floor(deps.clock.now() / 1000);
    const fields: JsonObject = {
      client_id: clientId,
      client_secret: clientSecret,
      made_at: madeAt,
      projects: [...projects],
    };
    return { fields: new Secret(fields), dropped: [...setupKeys, 'project_ids', 'access'] };
  } catch (error) {
    throw await undone(error, api, name);
  }
}

/** Undoes all of it, and answers the error to throw: it names what is left behind where undoing failed. */
async function undone(error: unknown, api: OvhApi, name: string): Promise<unknown> {
  const deadline = startDeadline(UNDO_MS);
  try {
    await removeByName(api, name, deadline.signal);
    return error;
  } catch {
    return error instanceof ProviderError ? undoFailed(error, name) : error;
  } finally {
    deadline.cancel();
  }
}
