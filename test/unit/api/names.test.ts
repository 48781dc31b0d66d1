import { describe, expect, it } from 'vitest';
import type { ConnectionInput } from '../../../contracts/messages.ts';
import { startOptions } from '../../../platform/temporal/connection-start.ts';
import { composeApp } from './composed-app.ts';
import { viewWith } from './support.ts';

const wish =
  'must be one line without control characters, characters that change the direction of text, and invisible characters.';

describe('a name that a caller gives', () => {
  it.each([
    ['a line break', 'two\nlines'],
    ['a direction override', 'Acme\u202Emoc.live'],
    ['a zero-width space', 'Acme\u200B'],
    ['half a surrogate pair', 'Acme \uD83D'],
  ])('a name with %s is refused with a sentence that says what a name may be', async (_what, name) => {
    const { app, keyFor, operatorKey } = await composeApp();
    const tenant = await keyFor('acme', 'admin');
    const operator = await operatorKey('operator:providers', 'operator:keys');
    const create = { provider: 'ovh', region: 'ovh-eu', name };
    const key = { name: 'CI', scopes: ['admin'] };
    const id = `con_${'a'.repeat(26)}`;
    const requests = [
      { method: 'POST', url: '/v1/connections', payload: create, headers: tenant, field: 'name' },
      { method: 'PATCH', url: `/v1/connections/${id}`, payload: { name }, headers: tenant, field: 'name' },
      { method: 'POST', url: '/v1/api-keys', payload: { ...key, name }, headers: tenant, field: 'name' },
      {
        method: 'POST',
        url: '/v1/api-keys',
        payload: { ...key, tenant: 'new', tenantDisplayName: name },
        headers: operator,
        field: 'tenantDisplayName',
      },
      {
        method: 'POST',
        url: '/v1/providers/ovh/pause',
        payload: { reason: name },
        headers: operator,
        field: 'reason',
      },
    ] as const;
    for (const { field, ...request } of requests) {
      const reply = await app.inject(request);
      expect(reply.json()).toMatchObject({ status: 400, errors: [`body: "${field}" ${wish}`] });
    }
  });

  it('a name that is too long is refused with its length, and a name of another type with that', async () => {
    const { app, keyFor } = await composeApp();
    const headers = await keyFor('acme', 'connections:write');
    const errorsFor = async (name: unknown) => {
      const payload = { provider: 'ovh', region: 'ovh-eu', name };
      return (await app.inject({ method: 'POST', url: '/v1/connections', payload, headers })).json<{
        errors: string[];
      }>().errors;
    };
    expect(await errorsFor('x'.repeat(201))).toEqual(['body: "name" must not have more than 200 characters.']);
    expect(await errorsFor(7)).toHaveLength(1);
  });

  it('a problem that repeats what the caller sent has it in plain text and bounded', async () => {
    const { app, keyFor } = await composeApp();
    const headers = await keyFor('acme', 'connections:write');
    const payload = { provider: `sky\u202E\n${'y'.repeat(10_000)}`, region: 'r' };
    const { detail } = (await app.inject({ method: 'POST', url: '/v1/connections', payload, headers })).json<{
      detail: string;
    }>();
    expect(detail).toMatch(/^Invalid provider 'sky y+…$/);
    expect(detail.length).toBeLessThanOrEqual(2_000);
  });

  it('a name is shown as it is in the summary of the workflow, and makes no link there', () => {
    const name = '[Acme](https://evil.example) `x`';
    const view = viewWith({ name });
    const input = { ...view, invitation: { lifetimeSeconds: 1, passcodeRequired: false, confirm: false } };
    const request = { digest: 'd', invitationExpiresAt: view.createdAt };
    const { staticSummary } = startOptions(
      input as ConnectionInput,
      { view, request },
      { providerName: 'Sky', methodName: 'Keys' },
      { name: [], account: null },
    );
    expect(staticSummary).toBe('Sky (r) for acme: \\[Acme\\](https\\://evil.example) \\`x\\`');
  });
});
