import { ProviderError } from '../../providers/provider.ts';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

import { createAttemptRecorder } from '../../activities/attempts.ts';
import type { AttemptStep } from '../../contracts/attempts.ts';
import type { ConnectionRef } from '../../contracts/connection.ts';
import type { ConnectionsGateway } from '../../api/temporal/gateway.ts';
import type { JsonObject } from '../../platform/json.ts';
import { createLogger } from '../../platform/logger.ts';
import { Secret } from '../../platform/secret.ts';
import type { AuthMethod } from '../../providers/provider.ts';
import { createProviders } from '../../providers/registry.ts';
import { createSandboxClient } from '../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../sandbox/sandbox.ts';
import type { KeptAttempt } from '../../stores/attempts.ts';
import { composeApp } from '../unit/api/composed-app.ts';
import { trusting } from './provider.aws.harness.ts';

const signal = new AbortController().signal;
/** As long as those that clouds give out. */
const SECRET = 'c2VjcmV0LXRoYXQtd2FzLXNlbnQtdG8tdGhlLWNsb3Vk';

interface Cloud {
  readonly connection: ConnectionRef;
  /** A call that the cloud refuses. Rejects. */
  readonly refused: (method: AuthMethod) => Promise<unknown>;
  readonly step: AttemptStep;
  readonly expected: Partial<KeptAttempt>;
  /** Header of the cloud's answer; null = this cloud sends none. */
  readonly header: string | null;
}

const ref = (letter: string, provider: string, region: string, method: string): ConnectionRef => ({
  id: `con_${letter.repeat(26)}`,
  tenant: 'acme',
  provider,
  region,
  method,
});

const holding = ({ id, region }: ConnectionRef, record: JsonObject) => ({
  region,
  connectionId: id,
  record: new Secret(record),
  signal,
});

const withCode = (region: string, redirectUri: string) => ({
  region,
  code: new Secret(SECRET),
  verifier: new Secret(SECRET),
  redirectUri,
  iss: null,
  signal,
});

const aws = ref('a', 'aws', 'aws', 'role');
const azure = ref('b', 'azure', 'global', 'authorization_code');
const gcp = ref('c', 'gcp', 'global', 'authorization_code');
const ovh = ref('d', 'ovh', 'ovh-eu', 'authorization_code');

const ROLE = 'arn:aws:iam::222233334441:role';
const roleRecord = (name: string): JsonObject => ({
  role_arn: `${ROLE}/${name}`,
  external_id: 'an-external-id-of-32-characters-',
  auth_method: 'role',
});

const clouds: readonly (readonly [name: string, Cloud])[] = [
  [
    'AWS',
    {
      connection: aws,
      refused: async (method) => await method.prove(holding(aws, roleRecord('missing'))),
      step: 'proof',
      expected: { operation: 'role.assume', status: 403, cloudCode: 'AccessDenied' },
      header: 'x-amzn-requestid',
    },
  ],
  [
    'Azure',
    {
      connection: azure,
      refused: async (method) => await method.exchange?.(withCode('global', 'http://127.0.0.1:5000/azure/callback')),
      step: 'exchange',
      expected: { operation: 'token.exchange', status: 400, cloudCode: 'invalid_grant AADSTS70000' },
      header: 'x-ms-request-id',
    },
  ],
  [
    'Google Cloud',
    {
      connection: gcp,
      refused: async (method) => await method.refresh(holding(gcp, { refresh_token: SECRET })),
      step: 'renewal',
      expected: { operation: 'token.refresh', status: 400, cloudCode: 'invalid_grant' },
      header: null,
    },
  ],
  [
    'OVHcloud',
    {
      connection: ovh,
      refused: async (method) => await method.refresh(holding(ovh, { refresh_token: SECRET })),
      step: 'renewal',
      expected: { operation: 'token.refresh', status: 400, cloudCode: 'invalid_grant' },
      header: 'x-iplb-request-id',
    },
  ],
  [
    'the API of OVHcloud',
    {
      connection: ovh,
      refused: async (method) => await method.prove(holding(ovh, { access_token: SECRET })),
      step: 'verify',
      expected: { operation: 'account.read', status: 403 },
      header: 'x-ovh-queryid',
    },
  ],
];

/** The API beside work at a sandbox; `between` sees each answer first, and may give another. */
async function working(between: (response: Response, sent: RequestInit | undefined) => Response = (same) => same) {
  const sandbox = createSandbox();
  const url = await sandbox.listen();
  onTestFinished(async () => await sandbox.close());
  const connections: Pick<ConnectionsGateway, 'ref'> = { ref: (_tenant, id) => Promise.resolve({ ...aws, id }) };
  const { app, deps, clock, keyFor } = await composeApp({}, { connections: connections as ConnectionsGateway });
  const headers = await keyFor('acme', 'connections:read');
  const recorded = createAttemptRecorder({ ...deps, logger: createLogger('worker', 'silent') });
  const providers = createProviders({
    environment: sandboxEnvironment(url),
    fetch: async (address, init) => between(await fetch(address, init), init),
    clock,
  });
  return {
    cloud: createSandboxClient(url),
    run: async (step: AttemptStep, connection: ConnectionRef, work: (method: AuthMethod) => Promise<unknown>) => {
      const method = providers.get(connection.provider)?.methods[connection.method];
      if (!method) throw new Error('There is no such method.');
      const activity = recorded(step, async () => await work(method));
      await new MockActivityEnvironment().run(activity, { connection });
    },
    attemptsOf: async ({ id }: ConnectionRef) => {
      const reply = await app.inject({ url: `/v1/connections/${id}/attempts`, headers });
      return { text: reply.body, items: reply.json<{ items: readonly KeptAttempt[] }>().items };
    },
  };
}

describe.each(clouds)('a call that %s refuses', (_name, { connection, refused, step, expected, header }) => {
  test('is seen in the API with the cloud’s code and request id', async () => {
    const ids: (string | null)[] = [];
    const { run, attemptsOf } = await working((response) => {
      if (!response.ok) ids.push(header === null ? null : response.headers.get(header));
      return response;
    });
    await expect(run(step, connection, refused)).rejects.toBeInstanceOf(ProviderError);
    const { items } = await attemptsOf(connection);
    const last = items.filter(({ outcome }) => outcome === 'refused').at(-1);
    expect(last).toMatchObject({
      ...expected,
      step,
      outcome: 'refused',
      host: expect.stringMatching(/^127\.0\.0\.1:/),
    });
    expect(last?.message).toEqual(expect.stringMatching(/\w/));
    expect(last?.cloudRequestId).toBe(ids[0]);
    if (header !== null) expect(ids[0]).toEqual(expect.stringMatching(/^[\w.-]{8,}$/));
  });

  test('shows nothing of what was sent, even if the answer repeats all of it', async () => {
    const sent: string[] = [];
    const { run, attemptsOf } = await working((_response, init) => {
      const { authorization = '', 'x-amz-security-token': session = '' } = (init?.headers ?? {}) as Record<
        string,
        string
      >;
      const signature = /Signature=(\w+)/.exec(authorization)?.[1] ?? '';
      const repeated = [SECRET, signature, session, authorization].filter((text) => text !== '');
      sent.push(...repeated);
      const body = { error: 'invalid_request', error_description: repeated.join(' | ') };
      const headers = header === null ? {} : { [header]: repeated.join(' ') };
      return Response.json(body, { status: 400, headers });
    });
    await expect(run(step, connection, refused)).rejects.toBeInstanceOf(ProviderError);
    const { text, items } = await attemptsOf(connection);
    expect(items.length).toBeGreaterThan(0);
    for (const secret of sent) expect(text).not.toContain(secret);
    expect(text).toContain('[redacted]');
  });
});

test('the probes of a trust policy are seen as good where they are refused, and a proof has each of its calls', async () => {
  const { cloud, run, attemptsOf } = await working();
  const { external_id } = roleRecord('connected');
  await cloud.putAwsRole({
    name: 'connected',
    trustPolicy: trusting('111122223331', { StringEquals: { 'sts:ExternalId': external_id } }),
  });
  await run('proof', aws, async (method) => await method.prove(holding(aws, roleRecord('connected'))));
  const { items } = await attemptsOf(aws);
  const calls = items.map(({ operation, outcome, status }) => `${operation} ${outcome} ${status}`).toSorted();
  expect(calls).toEqual([
    'caller.read ok 200',
    'caller.read ok 200',
    'role.assume ok 200',
    'trust.probe ok 403',
    'trust.probe ok 403',
  ]);
});
