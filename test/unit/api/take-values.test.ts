import { describe, expect, it } from 'vitest';
import { manifests } from '../../../providers/manifests/all.ts';
import { resolveSettings } from '../../../providers/manifests/settings.ts';
import type { ConnectionsGateway } from '../../../api/temporal/gateway.ts';
import { createInvitationLinks } from '../../../api/sign-in/links.ts';
import { createProviderCatalog } from '../../../api/connections/provider-catalog.ts';
import { sandboxEnvironment } from '../../../sandbox/sandbox.ts';
import { createTenants } from '../../../stores/tenants.ts';
import { SecretStoreUnavailable, type SecretStore } from '../../../stores/secrets/port.ts';
import { composeApp } from './composed-app.ts';
import { foundOf, keyRing, viewWith } from './support.ts';

const publicUrl = 'https://mooring.example';
const view = viewWith({ provider: 'azure', region: 'global', method: 'client_secret' });
const values = {
  'value.tenant_id': '72f988bf-86f1-41af-91ab-2d7cd011db47',
  'value.client_id': '11111111-2222-4333-8444-555555555555',
  'value.client_secret': 'S3CR3T-of-the-application',
};

/** The form of one invitation; `written` and `updates` record what was stored and what was sent. */
async function formWith({ fails = false } = {}) {
  const written: string[] = [];
  const updates: unknown[] = [];
  const connections = {
    viewForLink: () => Promise.resolve(foundOf(view)),
    update(_id: string, name: string, command: object) {
      updates.push({ name, ...command });
      return Promise.resolve({ outcome: 'served', reply: view });
    },
  } as unknown as ConnectionsGateway;
  const secrets = {
    read: () => Promise.resolve(undefined),
    write(gate: string, key: string) {
      if (fails) return Promise.reject(new SecretStoreUnavailable('down', { ambiguous: false }));
      written.push(`${gate}/${key}`);
      return Promise.resolve(1);
    },
  } as unknown as SecretStore;
  const environment = sandboxEnvironment('http://127.0.0.1:5010');
  const providers = createProviderCatalog(manifests.map((manifest) => resolveSettings(manifest, environment)));
  const { app, clock, log } = await composeApp(
    {},
    { connections, secrets, providers, tenants: createTenants({ secrets }) },
  );
  const links = createInvitationLinks({ keyRing, clock, publicUrl });
  const expiresAt = view.invitation?.expiresAt ?? '';
  const url = new URL(await links.url({ connection: view.id, epoch: 1, expiresAt, passcode: undefined }));
  return {
    written,
    updates,
    log,
    submit: async (form: Record<string, string>, headers: Record<string, string> = {}) =>
      await app.inject({
        method: 'POST',
        url: url.pathname,
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: publicUrl, ...headers },
        payload: new URLSearchParams(form).toString(),
      }),
  };
}

describe('values that a customer submits', () => {
  it('submitted values are stored, reach the connection only as a reference, and lead to the result page', async () => {
    const { submit, written, updates, log } = await formWith();
    const reply = await submit(values);
    expect(reply.statusCode, reply.body).toBe(303);
    expect(reply.headers.location).toMatch(/^\/result\//);
    expect(reply.headers['referrer-policy']).toBe('no-referrer');
    const [key] = written;
    expect(updates).toEqual([
      {
        name: 'submitCredentials',
        tenant: 'acme',
        by: { kind: 'customer', id: expect.stringMatching(/^con_[a-z2-7]{26}\/1$/) as string },
        epoch: 1,
        ref: key?.split('/')[2],
        deadlineSeconds: null,
      },
    ]);
    expect(JSON.stringify([reply.headers, log()])).not.toContain('S3CR3T');
  });

  it('where the store is down, the form is shown again with the typed values but without secrets', async () => {
    const { submit, updates } = await formWith({ fails: true });
    const reply = await submit(values);
    expect(reply.statusCode).toBe(503);
    expect(reply.body).toContain('Nothing was submitted yet.');
    expect(reply.body).toContain(values['value.tenant_id']);
    expect(reply.body).not.toContain('S3CR3T');
    expect(updates).toEqual([]);
  });

  it.each([
    ['another site', values, { origin: 'https://elsewhere.example' }, 403],
    ['a form with a mistake', { ...values, 'value.client_id': 'nonsense' }, {}, 400],
  ])('submitted values are refused from %s', async (_what, form, headers, status) => {
    const { submit, written, updates } = await formWith();
    expect((await submit(form, headers)).statusCode).toBe(status);
    expect([written, updates]).toEqual([[], []]);
  });
});
