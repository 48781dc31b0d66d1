import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import {
  actorOf,
  keyOf,
  principalOfKey,
  principalOfLink,
  principalOfPathToken,
  tenantOf,
  type Principal,
} from '../../../api/http/principal.ts';
import { permits, tenantScopes } from '../../../stores/api-key-scopes.ts';
import type { ApiKey } from '../../../stores/api-keys.ts';

const facts = {
  id: '0123456789abcdef',
  name: 'test',
  createdAt: '2026-11-23T08:00:00.000Z',
  createdBy: null,
  expiresAt: null,
  allowedAddresses: [],
  replacedBy: null,
};
const ofTenant: ApiKey = { ...facts, tenant: 'acme', scopes: ['connections:read'] };
const ofOperator: ApiKey = { ...facts, tenant: null, scopes: ['operator:system'] };
const requestOf = (principal: Principal | null) => ({ principal }) as FastifyRequest;

describe('the principal of a request', () => {
  it('the principal of a key is the key of a tenant, or an operator, with its scopes and where it came from', () => {
    const key = requestOf(principalOfKey(ofTenant, '192.0.2.1'));
    expect(key.principal).toMatchObject({ kind: 'key', tenant: 'acme', address: '192.0.2.1' });
    expect([actorOf(key), tenantOf(key), keyOf(key)]).toEqual([{ kind: 'key', id: facts.id }, 'acme', ofTenant]);
    const operator = requestOf(principalOfKey(ofOperator, '192.0.2.1'));
    expect(actorOf(operator)).toEqual({ kind: 'operator', id: facts.id });
    expect(() => tenantOf(operator)).toThrow(TypeError);
  });

  it('the holder of a link is a customer of one tenant, and has no scope', () => {
    const principal = principalOfLink({ tenant: 'acme', connection: 'con_a', epoch: 3 }, '192.0.2.1');
    const customer = requestOf(principal);
    expect([actorOf(customer), tenantOf(customer)]).toEqual([{ kind: 'customer', id: 'con_a/3' }, 'acme']);
    expect(tenantScopes.filter((scope) => permits(principal, scope))).toEqual([]);
    expect(() => keyOf(customer)).toThrow(TypeError);
  });

  it('the path token of the codec may decode, and nothing else', () => {
    const principal = principalOfPathToken('192.0.2.1');
    expect(principal).toMatchObject({ kind: 'operator', id: 'path-token', tenant: null });
    expect([permits(principal, 'operator:decode'), permits(principal, 'operator:keys')]).toEqual([true, false]);
  });

  it('a request without a principal has no actor, no tenant and no key', () => {
    for (const ask of [actorOf, tenantOf, keyOf]) expect(() => ask(requestOf(null))).toThrow(TypeError);
  });
});
