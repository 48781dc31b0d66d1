import { describe, expect, it } from 'vitest';
import { createInvitationLinks, createResultLinks } from '../../../api/sign-in/links.ts';
import type { ConnectionsGateway } from '../../../api/temporal/gateway.ts';
import type { ConnectionView } from '../../../contracts/connection.ts';
import { contrastRatio, READABLE } from '../../../platform/contrast.ts';
import { manifests } from '../../../providers/manifests/all.ts';
import { resolveSettings } from '../../../providers/manifests/settings.ts';
import { createProviderCatalog } from '../../../api/connections/provider-catalog.ts';
import { sandboxEnvironment } from '../../../sandbox/sandbox.ts';
import { SecretStoreUnavailable } from '../../../stores/secrets/port.ts';
import type { NewTenant } from '../../../stores/tenants.ts';
import { composeApp, type ComposedApp } from './composed-app.ts';
import { foundOf, keyRing, viewWith } from './support.ts';

const acme = {
  displayName: 'Acme <Rockets>',
  platformRedirectUris: [],
  confirmsInvitations: true,
  branding: {
    logoUrl: 'https://cdn.acme.example/logo.svg?a=1&b="2"',
    colour: '#7A1F5C',
    supportUrl: 'https://help.acme.example/cloud',
    helpText: 'Call us:\n<b>+49 1</b>',
  },
} satisfies NewTenant;

const cookie = 'c'.repeat(43);
const environment = sandboxEnvironment('http://127.0.0.1:5010');
const providers = createProviderCatalog(manifests.map((manifest) => resolveSettings(manifest, environment)));

/** The pages of one connection of a tenant. */
async function pagesOf(
  tenant: NewTenant,
  changes: Partial<ConnectionView> = {},
  standIns: Partial<ComposedApp['deps']> = {},
) {
  const view = viewWith({ tenant: 'acme', ...changes });
  const connections = {
    viewForLink: async () => await Promise.resolve(foundOf(view)),
  } as unknown as ConnectionsGateway;
  const { app, deps, clock } = await composeApp({}, { connections, providers, ...standIns });
  await deps.tenants.replace?.('acme', 0, tenant);
  const links = createInvitationLinks({ keyRing, clock, publicUrl: '' });
  const invitation = await links.again({ c: view.id, e: 1 }, '2026-12-07T08:00:00.000Z');
  const result = await createResultLinks({ keyRing, clock }).path({
    c: view.id,
    e: 1,
    b: keyRing.digest('browser', cookie),
  });
  const headers = { cookie: `__Host-mooring-browser=${cookie}` };
  return {
    invitation: async () => await app.inject({ url: invitation, headers }),
    result: async () => await app.inject({ url: result, headers }),
  };
}

const policyOf = ({ headers }: { readonly headers: Record<string, unknown> }): string =>
  String(headers['content-security-policy']);
const imagesOf = (policy: string): string | undefined => /img-src ([^;]*)/.exec(policy)?.[1];

describe('the pages of a tenant with looks of its own', () => {
  it.each(['invitation', 'result'] as const)(
    'the %s page shows name, logo, colour, support link and help, each as the text that it is',
    async (name) => {
      const { body } = await (await pagesOf(acme))[name]();
      expect(body).toContain('<span>Acme &lt;Rockets&gt;</span>');
      expect(body).toContain(
        '<img src="https://cdn.acme.example/logo.svg?a=1&amp;b=&quot;2&quot;" alt="" referrerpolicy="no-referrer" />',
      );
      expect(body).toContain('<link rel="stylesheet" href="/assets/accent/7a1f5c" />');
      expect(body).toMatch(/<a href="https:\/\/help\.acme\.example\/cloud"[^>]*rel="noopener noreferrer"/);
      expect(body).toContain('Call us:\n&lt;b&gt;+49 1&lt;/b&gt;');
      expect(body).not.toContain('style="');
    },
  );

  it('a page allows images from the origin of the logo, and is as strict as any other in all else', async () => {
    const [branded, plain] = [await pagesOf(acme), await pagesOf({ ...acme, branding: undefined } as never)];
    for (const name of ['invitation', 'result'] as const) {
      const [policy, strict] = [policyOf(await branded[name]()), policyOf(await plain[name]())];
      expect(imagesOf(policy)).toBe("'self' data: https://cdn.acme.example");
      expect(imagesOf(strict)).toBe("'self' data:");
      expect(policy.replace(' https://cdn.acme.example', '')).toBe(strict);
    }
  });

  it('a page of a link that is closed has the looks of the tenant too', async () => {
    const { invitation } = await pagesOf(acme, { status: 'expired', invitation: null });
    const reply = await invitation();
    expect(reply.statusCode).toBe(410);
    expect(reply.body).toContain('cdn.acme.example/logo.svg');
  });

  it('a support address for mail is a link to it', async () => {
    const { invitation } = await pagesOf({
      ...acme,
      branding: { ...acme.branding, supportUrl: 'mailto:help@acme.example' },
    });
    expect((await invitation()).body).toContain('<a href="mailto:help@acme.example">help@acme.example</a>');
  });

  it('the result is shown without looks while the secret store does not answer', async () => {
    const read = async () => await Promise.reject(new SecretStoreUnavailable('down', { ambiguous: false }));
    const { result } = await pagesOf(acme, {}, { tenants: { read } as never });
    const reply = await result();
    expect(reply.statusCode).toBe(200);
    expect(reply.body).not.toContain('class="brand"');
  });
});

describe('the stylesheet of a colour', () => {
  it('the colour is used as it is in light, and is made readable in dark', async () => {
    const { app } = await composeApp();
    const { body, headers } = await app.inject('/assets/accent/7a1f5c');
    expect(headers['content-type']).toBe('text/css; charset=utf-8');
    expect(body).toContain(':root{--accent:#7a1f5c;--accent-text:#ffffff}');
    const [, dark = ''] =
      /prefers-color-scheme: dark\)\{:root\{--accent:(#[0-9a-f]{6});--accent-text:#08202f\}\}/.exec(body) ?? [];
    expect(contrastRatio(dark, '#182028')).toBeGreaterThanOrEqual(READABLE);
  });

  it.each(['7a1f5', '7A1F5C', '7a1f5c%7D', '..%2fmooring.css', 'red'])('there is none for %s', async (colour) => {
    const { app } = await composeApp();
    expect((await app.inject(`/assets/accent/${colour}`)).statusCode).toBeGreaterThanOrEqual(400);
  });

  it('the grounds that it is made for are those of the pages', async () => {
    const { app } = await composeApp();
    const { body } = await app.inject('/assets/mooring.css');
    for (const line of ['--card: #ffffff', '--accent-text: #ffffff', '--card: #182028', '--accent-text: #08202f']) {
      expect(body).toContain(line);
    }
  });
});
