import { beforeAll, describe, expect, it } from 'vitest';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditLine } from '../../stores/audit/line.ts';
import { runVerifyAudit } from '../../scripts/verify-audit/command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { connect, platform, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

interface Page {
  readonly items: readonly AuditLine[];
  readonly nextCursor: string | null;
}
interface Timeline {
  readonly items: readonly { readonly event: string; readonly by: object | null }[];
}

describe.skipIf(address === null)('the audit record, through the API', () => {
  let stack: Stack;
  let acme: Platform;
  let key: { authorization: string };
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    key = await stack.keyFor('acme', 'admin');
    acme = platform(stack, key);
  });
  const get = async (url: string, headers = key) => {
    await stack.audit.recorder.flush();
    return await stack.app.inject({ url, headers });
  };
  const list = async (query: string) => (await get(`/v1/audit?${query}`)).json<Page>();

  it('a verb by a key names the same actor in the timeline and in the audit record, and so does a sign-in', async () => {
    const { connection } = await connect(stack, acme);
    const { id } = connection;
    expect((await acme.call('POST', `/${id}/pause`)).statusCode).toBe(200);

    const { items } = (await acme.call('GET', `/${id}/timeline`)).json<Timeline>();
    const byKey = { kind: 'key', id: key.authorization.split('_')[1] };
    const customer = { kind: 'customer', id: `${id}/1` };
    // What was discovered may be told before or after the pause.
    const entries = items.filter(({ event }) => event !== 'discovered');
    expect(entries.map(({ event, by }) => [event, by])).toEqual([
      ['invited', byKey],
      ['signed_in', customer],
      ['connected', null],
      ['paused', byKey],
    ]);

    const { items: lines } = await list(`connection=${id}&limit=200`);
    const told = lines.toReversed().map(({ action, actor, outcome }) => [action, actor, outcome]);
    expect(told).toEqual([
      ['createConnection', byKey, 'done'],
      ['continueInvitation', customer, 'done'],
      ['receiveCallbackOvhOauth2Callback', customer, 'done'],
      ['pauseConnection', byKey, 'done'],
    ]);
  });

  it('the audit record is listed page by page with filters, for its own tenant alone', async () => {
    const { connection } = await acme.invite();
    for (const verb of ['pause', 'resume', 'verify']) await acme.call('POST', `/${connection.id}/${verb}`);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await list(
        `connection=${connection.id}&limit=1${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      seen.push(...page.items.map(({ action }) => action));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(['verifyConnection', 'resumeConnection', 'pauseConnection', 'createConnection']);
    const refused = (await list(`connection=${connection.id}&outcome=refused`)).items;
    expect(refused.map(({ action }) => action)).toEqual(['verifyConnection', 'pauseConnection']);
    expect((await list(`to=2020-01-01T00:00:00Z`)).items).toEqual([]);
    const first = await list('limit=1');
    const other = await get(`/v1/audit?limit=2&actor=x&cursor=${encodeURIComponent(first.nextCursor ?? '')}`);
    expect(other.json()).toMatchObject({ status: 400, code: 'invalid_cursor' });
    const globex = await stack.keyFor('globex', 'admin');
    expect((await get(`/v1/audit?connection=${connection.id}`, globex)).json<Page>().items).toEqual([]);
    const reader = await stack.keyFor('acme', 'connections:read', 'connections:write', 'credentials:read');
    for (const path of ['', '/export', '/verify']) expect((await get(`/v1/audit${path}`, reader)).statusCode).toBe(403);
  });

  it('an exported record is verified by its file alone, a changed one is found out, and the export is recorded', async () => {
    await acme.invite();
    const exported = await get('/v1/audit/export');
    expect(exported.headers['content-type']).toBe('application/x-ndjson');
    const file = join(temporaryFolder(), 'audit.jsonl');
    writeFileSync(file, exported.body);
    const said: string[] = [];
    const output = { out: (line: string) => said.push(line), err: (line: string) => said.push(line) };
    expect(await runVerifyAudit([file], {}, output)).toBe(0);
    writeFileSync(file, readFileSync(file, 'utf8').replace('createConnection', 'deleteConnection'));
    expect(await runVerifyAudit([file], {}, output)).toBe(1);
    expect(said[1]).toContain('Broken at line');
    expect((await get('/v1/audit/verify')).json()).toMatchObject({ ok: true, from: { seq: 1 }, brokenAt: null });
    expect((await list('action=exportAudit')).items.length).toBeGreaterThan(0);
  });

  it('an export for OpenTelemetry has one log record a line, as its file exporter writes them', async () => {
    await acme.invite();
    const { body } = await get('/v1/audit/export?format=otlp');
    const lines = body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).toMatchObject({
        resourceLogs: [
          {
            resource: { attributes: [{ key: 'service.name', value: { stringValue: 'mooring-api' } }] },
            scopeLogs: [
              {
                logRecords: [
                  {
                    timeUnixNano: expect.stringMatching(/^\d{19}$/),
                    severityNumber: expect.any(Number),
                    body: { stringValue: expect.any(String) },
                    attributes: expect.arrayContaining([
                      { key: 'mooring.tenant', value: { stringValue: 'acme' } },
                      { key: 'mooring.count', value: { intValue: expect.stringMatching(/^\d+$/) } },
                    ]),
                  },
                ],
              },
            ],
          },
        ],
      });
    }
  });
});
