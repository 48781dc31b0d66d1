import { beforeEach, describe, expect, it } from 'vitest';
import { Value } from 'typebox/value';
import { ProblemDocument } from '../../../api/http/problem-schema.ts';
import { composeApp, type ComposedApp } from './composed-app.ts';

type Reply = Awaited<ReturnType<ComposedApp['app']['inject']>>;

describe('a problem', () => {
  let composed: ComposedApp;
  let writer: { authorization: string };

  beforeEach(async () => {
    composed = await composeApp();
    writer = await composed.keyFor('acme', 'connections:write', 'connections:read');
  });

  /** Every problem has the same shape, whichever part of the API reports it. */
  function expectProblem(reply: Reply, status: number, code: string): ProblemDocument {
    expect(reply.statusCode).toBe(status);
    expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    const body = reply.json<ProblemDocument>();
    expect([...Value.Errors(ProblemDocument, body)]).toEqual([]);
    expect(body).toMatchObject({ type: `urn:mooring:problem:${code}`, status, code });
    expect(body.requestId).toBe(reply.headers['x-request-id']);
    expect(body.detail).not.toBe('');
    expect(body.remedy).not.toBe('');
    return body;
  }

  it('a problem has the same shape wherever it arises', async () => {
    const { app } = composed;
    const json = { ...writer, 'content-type': 'application/json' };
    const create = { method: 'POST', url: '/v1/connections' } as const;
    expect(expectProblem(await app.inject('/nowhere'), 404, 'route_not_found').title).toBe('Not Found');
    expectProblem(await app.inject('/v1/connections'), 401, 'unauthenticated');
    expectProblem(await app.inject({ ...create, headers: json, payload: '{' }), 400, 'malformed_request');
    expectProblem(await app.inject({ ...create, headers: json, payload: '{}' }), 400, 'invalid_request');
    expectProblem(
      await app.inject({ ...create, headers: { ...writer, 'content-type': 'text/csv' }, payload: 'a,b' }),
      415,
      'unsupported_media_type',
    );
    expectProblem(
      await app.inject({ ...create, headers: json, payload: `{"x":"${'y'.repeat(70_000)}"}` }),
      413,
      'body_too_large',
    );
    expectProblem(await app.inject({ url: '/v1/connections/con_short', headers: writer }), 400, 'invalid_request');
    expectProblem(await app.inject({ url: '/v1/connections?cursor=k1.xx', headers: writer }), 400, 'invalid_cursor');
    expectProblem(
      await app.inject({ url: `/v1/connections/con_${'a'.repeat(26)}/credentials`, headers: writer }),
      403,
      'insufficient_scope',
    );
    expectProblem(
      await app.inject({ url: `/v1/connections/con_${'a'.repeat(26)}`, headers: writer }),
      500,
      'internal_error',
    );
  });

  it('the problem of a method that is not allowed names the allowed ones', async () => {
    const reply = await composed.app.inject({ method: 'PUT', url: '/v1/connections' });
    const { allow } = expectProblem(reply, 405, 'method_not_allowed');
    expect(allow).toEqual(['GET', 'HEAD', 'POST']);
    expect(reply.headers['allow']).toBe('GET, HEAD, POST');
  });

  it('a validation problem has a sentence for each wrong field, unknown fields included', async () => {
    const payload = {
      provider: 1,
      tags: ['fine', 'not fine'],
      invitation: { lifetimeSeconds: 60, passcode: 'abc', colour: 'red' },
    };
    const reply = await composed.app.inject({ method: 'POST', url: '/v1/connections', headers: writer, payload });
    const { errors } = expectProblem(reply, 400, 'invalid_request');
    expect(errors).toEqual(
      expect.arrayContaining([
        'body: "region" is missing.',
        'body: "provider" must be string.',
        'body: "tags.1" must match pattern "^[A-Za-z0-9][A-Za-z0-9_.:/=@+-]{0,62}$".',
        'body: "invitation.lifetimeSeconds" must be >= 3600.',
        'body: "invitation.passcode" must not have fewer than 8 characters.',
        'body: "invitation.colour" is not a known field.',
      ]),
    );
    expect(errors).toHaveLength(6);
  });

  it.each([
    ['invitation', { passcode: 7 }, '"invitation.passcode" must be true or must be string.'],
    ['invitation', { passcode: false }, '"invitation.passcode" must be true.'],
    ['name', '', '"name" must not have fewer than 1 characters.'],
    ['name', 7, '"name" must be string or must be null.'],
  ])(
    'a problem with a field of several types is told by the type of its value: %s, %j',
    async (field, value, sentence) => {
      const payload = { provider: 'ovh', region: 'ovh-eu', [field]: value };
      const reply = await composed.app.inject({ method: 'POST', url: '/v1/connections', headers: writer, payload });
      expect(expectProblem(reply, 400, 'invalid_request').errors).toEqual([`body: ${sentence}`]);
    },
  );

  it('the problem of an invalid query names the allowed values', async () => {
    const reply = await composed.app.inject({ url: '/v1/connections?status=asleep&limit=1000', headers: writer });
    const { errors } = expectProblem(reply, 400, 'invalid_request');
    expect(errors?.join(' ')).toContain('must be one of: awaiting_customer, verifying, active');
    expect(errors?.join(' ')).toContain('"limit" must be <= 200');
  });

  it('an internal problem does not reveal its cause, which is logged under the same request id', async () => {
    const reply = await composed.app.inject({ url: `/v1/connections/con_${'a'.repeat(26)}`, headers: writer });
    const { requestId } = expectProblem(reply, 500, 'internal_error');
    expect(reply.body).not.toContain('Temporal');
    const line = composed
      .log()
      .split('\n')
      .find((text) => text.includes('must not reach Temporal'));
    expect(line).toContain(requestId);
  });

  it('a problem on a page is an HTML page', async () => {
    const reply = await composed.app.inject('/connect/not-a-token');
    expect(reply.statusCode).toBe(404);
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(reply.body).toContain('This link is not valid');
  });

  it('the problem of an unusable provider names the valid endpoints or the missing variables', async () => {
    const create = (payload: object) =>
      composed.app.inject({ method: 'POST', url: '/v1/connections', headers: writer, payload });
    expect(expectProblem(await create({ provider: 'ovh', region: 'ovh-mars' }), 400, 'invalid_endpoint').detail).toBe(
      "Invalid endpoint 'ovh-mars'. Must be one of: ovh-eu, ovh-us, ovh-ca",
    );
    const missing = expectProblem(
      await create({ provider: 'ovh', region: 'ovh-ca' }),
      409,
      'credentials_not_configured',
    );
    expect(missing.detail).toBe('OAuth2 credentials not configured for ovh-ca.');
    expect(missing.variables).toEqual(['OVH_CA_CLIENT_ID']);
  });
});
