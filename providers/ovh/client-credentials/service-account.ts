import { createHash } from 'node:crypto';

import { Type } from 'typebox';

import { startDeadline } from '../../../platform/deadline.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { Secret } from '../../../platform/secret.ts';
import { calling } from '../../http/call-watch.ts';
import { classified } from '../../http/classify.ts';
import type { RegionSettings } from '../../manifests/settings.ts';
import type { MethodDependencies } from '../../preconditions.ts';
import { ProviderError, type Prepared } from '../../provider.ts';
import { createOvhClient, type OvhClient } from '../client.ts';
import { NamedClientSchema, NamedPolicySchema, NewClientSchema, OwnerSchema } from '../schema.ts';
import { makingClassifier, undoFailed, type Step } from './errors.ts';
import { setupKeys, type Creation } from './record.ts';

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
export async function createServiceAccount(
  deps: Pick<MethodDependencies, 'http' | 'clock'>,
  making: Making,
): Promise<Prepared> {
  const { region, connectionId, creation, signal } = making;
  const { projects, access } = creation;
  const client = createOvhClient(deps, region, { kind: 'keys', ...creation.keys });
  const name = nameOf(connectionId, creation.keys.consumerKey);
  const step = <T>(what: Step, operation: string, work: () => Promise<T>) =>
    classified(makingClassifier(what, region.manifest), () => calling(operation, work));

  const { nichandle } = await step('owner', 'account.read', () =>
    client.call({ method: 'GET', path: '/me', reply: OwnerSchema, signal }),
  );
  await step('account', 'service_account.clear', () => removeByName(client, name, signal));
  try {
    const { clientId, clientSecret } = await step('account', 'service_account.create', () =>
      client.call({
        method: 'POST',
        path: '/me/api/oauth2/client',
        body: { name, description: 'Made by Mooring', flow: 'CLIENT_CREDENTIALS', callbackUrls: [] },
        reply: NewClientSchema,
        signal,
      }),
    );
    const terms = policyFor({ region: region.manifest.id, nichandle, clientId, projects, access });
    await step('policy', 'policy.create', () =>
      client.call({
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
    throw await undone(error, client, name);
  }
}

/** Undoes all of it, and answers the error to throw: it names what is left behind where undoing failed. */
async function undone(error: unknown, client: OvhClient, name: string): Promise<unknown> {
  const deadline = startDeadline(UNDO_MS);
  try {
    await calling('service_account.clear', () => removeByName(client, name, deadline.signal));
    return error;
  } catch {
    return error instanceof ProviderError ? undoFailed(error, name) : error;
  } finally {
    deadline.cancel();
  }
}

/**
 * What a connection's service account and its policy are called at OVHcloud. Each consumer key makes one of its own:
 * re-authorising must not touch the account that is in use until the new one has proven itself.
 */
export function nameOf(connectionId: string, consumerKey: Secret<string>): string {
  const digest = createHash('sha256').update(consumerKey.reveal()).digest('hex').slice(0, 8);
  return `mooring-${connectionId}-${digest}`;
}

const CLIENTS = '/me/api/oauth2/client';

/**
 * Deletes a service account and its policy, found by their name: also those of a try whose answer was lost. Answers what was there. Throws `CallError`.
 */
export async function removeByName(client: OvhClient, name: string, signal: AbortSignal): Promise<string[]> {
  const remove = (path: string) => client.call({ method: 'DELETE', path, reply: Type.Unknown(), signal });
  const removed: string[] = [];

  const policies = await client.pages('/v2/iam/policy', NamedPolicySchema, signal);
  for (const policy of policies.filter((each) => each.name === name)) {
    await remove(`/v2/iam/policy/${encodeURIComponent(policy.id)}`);
    removed.push('iam_policy');
  }
  const ids = await client.call({ method: 'GET', path: CLIENTS, reply: Type.Array(Type.String()), signal });
  const clients = await Promise.all(
    ids.map((id) =>
      client.call({ method: 'GET', path: `${CLIENTS}/${encodeURIComponent(id)}`, reply: NamedClientSchema, signal }),
    ),
  );
  for (const { clientId } of clients.filter((each) => each.name === name)) {
    await remove(`${CLIENTS}/${encodeURIComponent(clientId)}`);
    removed.push('service_account');
  }
  return removed;
}

/** What a service account may do in its projects. */
export type Access = 'read' | 'manage';

/** Whatever discovery asks for, and nothing beyond reading. */
const READ = [
  'get',
  'operation/get',
  'region/get',
  'instance/get',
  'network/private/get',
  'volume/get',
  'kube/get',
  'database/service/get',
  'loadbalancer/get',
  'containerRegistry/get',
  'containerRegistry/plan/get',
  'region/storage/get',
  'storage/get',
];

const MANAGE = ['instance/*', 'network/*', 'volume/*', 'kube/*'];

export interface PolicyTerms {
  /** `ovh-eu`, … */
  readonly region: string;
  readonly nichandle: string;
  readonly clientId: string;
  readonly projects: readonly string[];
  readonly access: Access;
}

/** Identities, resources and permissions of `POST /v2/iam/policy`: the least that the chosen access needs. */
function policyFor({ region, nichandle, clientId, projects, access }: PolicyTerms) {
  const urn = `urn:v1:${region.replace(/^ovh-/, '')}`;
  const actions = access === 'manage' ? [...READ, ...MANAGE] : READ;
  return {
    identities: [`${urn}:identity:credential:${nichandle}/oauth2-${clientId}`],
    resources: projects.map((id) => ({ urn: `${urn}:resource:publicCloudProject:${id}` })),
    permissions: { allow: actions.map((action) => ({ action: `publicCloudProject:apiovh:${action}` })) },
  };
}
