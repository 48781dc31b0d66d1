import { beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../../platform/json.ts';
import type { ResourceLister } from '../../../providers/listing/lister.ts';
import { thrown } from '../thrown.ts';
import { keysRecord, listedBy, listedIn } from './lister-harness.ts';
import { useListerWorld } from './lister-world.ts';
import { projectId } from './recorded-world.ts';
import { type Fault, type FaultAt } from './world-api.ts';

const ovh = useListerWorld();
const start = async (faultAt: FaultAt, record?: JsonObject) => await ovh.start(faultAt, record && { record });

const P = `/cloud/project/${projectId}`;
const refusal = (status: number, message: string, more: JsonObject = {}): Fault => ({
  status,
  body: { message, ...more },
});
const loginFirst = refusal(401, 'You must login first', { class: 'Client::Unauthorized' });
const notGranted = refusal(403, 'This call has not been granted', { errorCode: 'NOT_GRANTED_CALL' });
const account: Fault = { status: 200, body: { account: 'xx11111-ovh', method: 'account' } };

/** These calls are answered so, the account's own call otherwise, and all others as they should be. */
const at =
  (path: string, fault: Fault, own: Fault = account): FaultAt =>
  (asked) =>
    asked === '/auth/details' ? own : asked === path ? fault : undefined;

describe.each(['cli', 'rest'] as const)('a refusal of a list by %s', (source) => {
  let lister: ResourceLister;
  beforeAll(() => {
    lister = ovh.lister(source);
  });

  test('a call that the access rules do not cover has failed alone, and names the rule to add', async () => {
    const context = await start(at('/dedicated/server', notGranted), keysRecord);
    const { failure } = await listedBy(lister, context, 'dedicated_server', null);
    expect(failure).toMatchObject({
      class: 'user',
      problem: {
        code: 'list_denied',
        message: expect.stringContaining('GET /dedicated/server: "This call') as unknown,
      },
      denied: { action: 'GET /dedicated/server*' },
    });
    expect(failure?.problem.remedy).toContain('the access rule GET /dedicated/server*');
    expect((await listedBy(lister, context, 'instance', projectId)).rows).toHaveLength(2);
  });

  test('a call that IAM refuses has failed alone, and names the action that IAM named', async () => {
    const action = 'publicCloudProject:apiovh:instance/get';
    const details = { unauthorizedActionsByIAM: action };
    const context = await start(at(`${P}/instance`, refusal(403, 'User not granted for this request', { details })));
    const { failure } = await listedBy(lister, context, 'instance', projectId);
    expect(failure).toMatchObject({ class: 'user', problem: { code: 'list_denied' }, denied: { action } });
  });

  test('the call that was refused is the one that is named, also where it is not the first of its list', async () => {
    const context = await start(at(`${P}/region`, notGranted));
    const { failure } = await listedBy(lister, context, 'registry', projectId);
    expect(failure).toMatchObject({ denied: { action: 'GET /cloud/project/*/region*' } });
    expect(failure?.problem.message).toContain(`GET ${P}/region:`);
  });

  test('projects that may not be listed are a kind that failed, not a credential that has ended', async () => {
    const context = await start(at('/cloud/project', notGranted));
    const { failure } = listedIn(await lister.listProjects(context));
    expect(failure).toMatchObject({ class: 'user', denied: { action: 'GET /cloud/project' } });
  });

  test.each<[string, Fault]>([
    ['HTTP 401', loginFirst],
    ['"This credential is not valid"', refusal(403, 'This credential is not valid')],
    ['"This credential does not exist"', refusal(403, 'This credential does not exist')],
    ['"This application key is invalid"', refusal(403, 'This application key is invalid')],
  ])('%s is the end of the credential where the account itself hears it too', async (_what, fault) => {
    const error = await thrown(listedBy(lister, await start(at(`${P}/instance`, fault, fault)), 'instance', projectId));
    expect(error).toMatchObject({ class: 'revoked', problem: { code: 'credential_rejected' } });
    expect(error.problem.message).not.toContain('access rules');
  });

  test.each<[string, Fault]>([
    ['answers the account', account],
    ['may not even answer the account', notGranted],
  ])('HTTP 401 to one list is a list that failed where the cloud %s', async (_what, own) => {
    const error = await thrown(
      listedBy(lister, await start(at(`${P}/instance`, loginFirst, own)), 'instance', projectId),
    );
    expect(error).toMatchObject({ class: 'transient', problem: { code: 'call_unauthorized' } });
    expect(error.problem.message).toContain('You must login first');
  });

  test('HTTP 401 says nothing about the credential while the account’s own call is not answered', async () => {
    const context = await start(at(`${P}/instance`, loginFirst, { status: 503 }));
    const error = await thrown(listedBy(lister, context, 'instance', projectId));
    expect(error).toMatchObject({ class: 'transient', problem: { code: 'cloud_unavailable' } });
  });

  test.each<[number, string, string, string]>([
    [400, 'The project is being created', 'user', 'call_refused'],
    [409, 'Another operation is running on this project', 'transient', 'call_refused'],
    [423, 'The project is locked', 'transient', 'call_refused'],
    [460, 'This service is expired', 'user', 'call_refused'],
    [404, 'This service does not exist', 'user', 'resource_not_found'],
    [403, 'Your account is suspended', 'user', 'list_denied'],
    [400, 'Invalid signature', 'user', 'credential_rejected'],
    [400, 'Query out of time', 'transient', 'query_out_of_time'],
  ])('HTTP %i with "%s" is told in the words of OVHcloud', async (status, message, problemClass, code) => {
    const context = await start(at(`${P}/instance`, refusal(status, message)));
    const failure = await listedBy(lister, context, 'instance', projectId).then(
      (listing) => listing.failure,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ class: problemClass, problem: { code } });
    expect(failure).toMatchObject({ problem: { message: expect.stringContaining(`"${message}"`) as unknown } });
    expect(failure).not.toMatchObject({
      problem: { message: expect.stringMatching(/crash|configured URL/) as unknown },
    });
  });

  test('an error with details that are no text is told by its sentence alone', async () => {
    const body = { message: 'The project is suspended', details: { since: 5, until: { day: 1 } }, httpCode: '400' };
    const context = await start(at(`${P}/instance`, { status: 400, body }));
    const error = await thrown(listedBy(lister, context, 'instance', projectId));
    expect(error.problem.message).toContain(': "The project is suspended".');
  });

  test('an error page is not quoted', async () => {
    const context = await start(at(`${P}/instance`, { status: 400, text: '<html><body>hunter2</body></html>' }));
    const error = await thrown(listedBy(lister, context, 'instance', projectId));
    expect(JSON.stringify(error.problem)).not.toContain('hunter2');
  });

  test.each([[400], [403], [404], [409]])(
    'an error HTTP %i that repeats the headers of the request shows none of their secrets',
    async (status) => {
      const sent: string[] = [];
      const echo: FaultAt = (path, headers) => {
        if (path !== `${P}/instance`) return undefined;
        const secrets = ['authorization', 'x-ovh-application', 'x-ovh-consumer', 'x-ovh-signature'];
        const values = secrets.map((name) => headers[name]).filter((value) => typeof value === 'string');
        sent.push(...values.map((value) => value.replace('Bearer ', '')));
        return { status, body: { message: `Bad request: ${JSON.stringify(headers)}` } };
      };
      for (const record of [undefined, keysRecord]) {
        const context = await start(echo, record);
        const failure = await listedBy(lister, context, 'instance', projectId).catch((error: unknown) => error);
        const text = JSON.stringify(failure);
        expect(text).toContain('Bad request');
        expect(sent.filter((secret) => text.includes(secret))).toEqual([]);
        ovh.api.close();
      }
      expect(sent).toHaveLength(4);
    },
  );

  test('a row that repeats the token is listed without it', async () => {
    const row = { id: 'v1', name: 'Bearer at-0123456789', status: 'at-0123456789', region: 'GRA11', size: 1 };
    const context = await start((path) => (path === `${P}/volume` ? { status: 200, body: [row] } : undefined));
    const listing = await listedBy(lister, context, 'volume', projectId);
    expect(listing.rows).toHaveLength(1);
    expect(JSON.stringify(listing)).not.toContain('at-0123456789');
  });
});
