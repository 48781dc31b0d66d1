import { describe, expect, it } from 'vitest';
import { manifests } from '../../../providers/manifests/all.ts';
import { resolveSettings } from '../../../providers/manifests/settings.ts';
import type { ConnectionsGateway } from '../../../api/temporal/gateway.ts';
import { temporalProblems } from '../../../api/temporal/problems.ts';
import { createProviderCatalog } from '../../../api/connections/provider-catalog.ts';
import { SecretStoreUnavailable, type SecretStore } from '../../../stores/secrets/port.ts';
import { composeApp } from './composed-app.ts';
import { foundOf, viewWith } from './support.ts';

const view = viewWith({ provider: 'azure', region: 'global', method: 'client_secret' });
const body = {
  fields: {
    tenant_id: '72f988bf-86f1-41af-91ab-2d7cd011db47',
    client_id: '11111111-2222-4333-8444-555555555555',
    client_secret: 'S3CR3T',
  },
};

/** One connection, and a secret store in which nothing can be overwritten, as with the API's rights in production. */
async function submissions() {
  const written = new Set<string>();
  const updates: { ref: string; requestId: string }[] = [];
  const failures = { store: 0, worker: 0 };
  let held: { readonly reached: () => void; readonly released: Promise<void> } | undefined;
  const secrets = {
    async write(_gate: string, key: string) {
      held?.reached();
      await held?.released;
      if (failures.store-- > 0 || written.has(key)) throw new SecretStoreUnavailable('403', { ambiguous: false });
      written.add(key);
      return 1;
    },
  } as unknown as SecretStore;
  const connections = {
    view: () => Promise.resolve(foundOf(view)),
    update(_id: string, _name: string, { ref, requestId }: { ref: string; requestId: string }) {
      if (failures.worker-- > 0) return Promise.reject(temporalProblems.noWorkerAnswered(new Error('silent')));
      updates.push({ ref, requestId });
      return Promise.resolve({ outcome: 'served', reply: view });
    },
  } as unknown as ConnectionsGateway;
  const providers = createProviderCatalog(manifests.map((manifest) => resolveSettings(manifest, {})));
  const { app, keyFor } = await composeApp({}, { connections, secrets, providers });
  const headers = { ...(await keyFor('acme', 'connections:write')), 'idempotency-key': 'once' };
  return {
    written,
    updates,
    failures,
    /** Blocks the next write: `reached` resolves when it has begun, `letGo` lets it end. */
    hold: (): { readonly reached: Promise<void>; readonly letGo: () => void } => {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      held = { reached: reached.resolve, released: released.promise };
      return { reached: reached.promise, letGo: released.resolve };
    },
    submit: async () =>
      await app.inject({ method: 'POST', url: `/v1/connections/${view.id}/submission`, headers, payload: body }),
  };
}

describe('a repeated submission', () => {
  it('a repeated submission reuses the stored values where the connection did not get them, and stores nothing twice', async () => {
    const { submit, written, updates, failures } = await submissions();
    failures.worker = 1;
    expect((await submit()).statusCode).toBe(503);
    expect((await submit()).statusCode).toBe(200);
    expect([...written]).toEqual([`${view.id}/${updates[0]?.ref}`]);
    expect((await submit()).statusCode).toBe(200);
    expect([written.size, updates.length]).toEqual([1, 1]);
  });

  it('a repeated submission stores its values where the first attempt could not store them', async () => {
    const { submit, written, updates, failures } = await submissions();
    failures.store = 1;
    expect((await submit()).statusCode).toBe(503);
    expect((await submit()).statusCode).toBe(200);
    expect([written.size, updates.length]).toEqual([1, 1]);
  });

  it('a repeated submission is answered with 409 while the first one is still being stored', async () => {
    const { submit, hold, written, updates } = await submissions();
    const writing = hold();
    const first = submit();
    await writing.reached;
    expect((await submit()).json()).toMatchObject({ status: 409, code: 'request_in_progress' });
    writing.letGo();
    expect((await first).statusCode).toBe(200);
    expect([written.size, updates.length]).toEqual([1, 1]);
  });
});
