import { randomBytes as systemRandomBytes } from 'node:crypto';
import { tenantPattern } from '../../contracts/ids.ts';
import { iso } from '../../contracts/time.ts';
import { endpointIdPattern } from '../../contracts/webhooks.ts';
import type { Clock } from '../../platform/clock.ts';
import { readableId } from '../../platform/readable-id.ts';
import { Secret } from '../../platform/secret.ts';
import type { SecretStore } from '../secrets/port.ts';
import { documentOf, endpointOf, parseDocument } from './document.ts';
import {
  MOST_ENDPOINTS,
  TooManyEndpoints,
  type EndpointChange,
  type StoredEndpoint,
  type WebhookEndpoints,
} from './port.ts';

const ID = new RegExp(endpointIdPattern);
const TENANT = new RegExp(tenantPattern);
const ID_BYTES = 17;
/** The specification wants 24 to 64 (Standard Webhooks 1.0.0, Signature scheme). */
const SECRET_BYTES = 32;

/** Endpoints of webhooks on the secret store, under `config/webhooks/{tenant}/{id}`. */
export function createWebhookEndpoints(deps: {
  readonly secrets: Pick<SecretStore, 'read' | 'write' | 'list' | 'destroy'>;
  readonly clock: Clock;
  readonly randomBytes?: (size: number) => Buffer;
}): WebhookEndpoints {
  const { secrets, clock, randomBytes = systemRandomBytes } = deps;

  const newSecret = (): Secret<string> => new Secret(`whsec_${randomBytes(SECRET_BYTES).toString('base64')}`);

  const write = async (next: Pick<StoredEndpoint, 'endpoint' | 'signing'>, cas: number): Promise<StoredEndpoint> => {
    const { tenant, id } = next.endpoint;
    return {
      ...next,
      version: await secrets.write('config', keyOf(tenant, id), new Secret(documentOf(next)), { cas }),
    };
  };

  async function read(tenant: string, id: string): Promise<StoredEndpoint | undefined> {
    if (!TENANT.test(tenant) || !ID.test(id)) return undefined;
    const stored = await secrets.read('config', keyOf(tenant, id));
    const value = parseDocument(stored?.data.reveal());
    return stored && value && endpointOf({ tenant, id, version: stored.version }, value, clock.now());
  }

  const ids = async (tenant: string): Promise<string[]> =>
    TENANT.test(tenant) ? (await secrets.list('config', folderOf(tenant))).filter((id) => ID.test(id)) : [];

  async function remove(tenant: string, id: string): Promise<void> {
    if (TENANT.test(tenant) && ID.test(id)) await secrets.destroy('config', keyOf(tenant, id));
  }

  return {
    read,
    remove,

    async list(tenant) {
      const found = await Promise.all((await ids(tenant)).map(async (id) => await read(tenant, id)));
      return found.filter((stored) => stored !== undefined).sort(byAge);
    },

    async create(tenant, input) {
      if (!TENANT.test(tenant)) throw new RangeError('An endpoint belongs to a tenant with a valid id.');
      if ((await ids(tenant)).length >= MOST_ENDPOINTS) throw new TooManyEndpoints();
      const now = iso(clock.now());
      const id = readableId('whe_', randomBytes(ID_BYTES));
      const endpoint = { ...input, id, tenant, createdAt: now, updatedAt: now, disabled: null, failing: null };
      const made = await write({ endpoint, signing: { current: newSecret(), previous: null } }, 0);
      // Others may have been made at the same time.
      if ((await ids(tenant)).length > MOST_ENDPOINTS) {
        await remove(tenant, id);
        throw new TooManyEndpoints();
      }
      return made;
    },

    async change({ endpoint, signing, version }, change) {
      const updatedAt = isHealth(change) ? endpoint.updatedAt : iso(clock.now());
      return await write({ endpoint: { ...endpoint, ...change, updatedAt }, signing }, version);
    },

    async rollSecret({ endpoint, signing, version }, overlapUntil) {
      const previous = overlapUntil === null ? null : { secret: signing.current, until: overlapUntil };
      const rolled = {
        endpoint: { ...endpoint, updatedAt: iso(clock.now()) },
        signing: { current: newSecret(), previous },
      };
      return await write(rolled, version);
    },

    async endOverlap({ endpoint, signing, version }) {
      const ended = { endpoint: { ...endpoint, updatedAt: iso(clock.now()) }, signing: { ...signing, previous: null } };
      return await write(ended, version);
    },
  };
}

const folderOf = (tenant: string): string => `webhooks/${tenant}/`;
const keyOf = (tenant: string, id: string): string => folderOf(tenant) + id;

/** How deliveries go is no change that somebody asked for. */
const isHealth = (change: EndpointChange): boolean => Object.keys(change).every((name) => name === 'failing');

const byAge = (a: StoredEndpoint, b: StoredEndpoint): number =>
  a.endpoint.createdAt.localeCompare(b.endpoint.createdAt) || a.endpoint.id.localeCompare(b.endpoint.id);
