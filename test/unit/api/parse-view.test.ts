import { describe, expect, it } from 'vitest';
import { parseFacts, parseReport, parseTombstone, parseView } from '../../../api/temporal/parse-view.ts';
import type { ConnectionsGateway } from '../../../api/temporal/gateway.ts';
import type { ConnectionView, Tombstone } from '../../../contracts/connection.ts';
import { composeApp } from './composed-app.ts';
import { foundOf, invitationOf, viewWith } from './support.ts';

const at = '2026-11-23T08:00:00.000Z';
const problem = { code: 'c', message: 'm', remedy: 'r', link: 'https://sky.example' };
const facts = { v: 1 as const, generation: 3, issuedAt: at, expiresAt: at, nextRefreshAt: null };
const tombstone: Tombstone = {
  connection: { id: viewWith().id, tenant: 'acme', provider: 'p', region: 'r', method: 'm' },
  account: { id: 'a', displayName: null },
  revocation: { outcome: 'failed', problem },
  disconnectedAt: at,
  status: 'disconnected',
  request: { digest: 'd', invitationExpiresAt: at },
};
/** A view with every field set. */
const full: ConnectionView = viewWith({
  name: 'one',
  tags: ['a'],
  status: 'verifying',
  problem,
  warnings: [problem],
  account: { id: 'a', displayName: 'A' },
  setup: { external_id: 'x' },
  credential: { ...facts, renewable: true, scopes: ['s'] },
  invitation: invitationOf(2),
  verification: { step: 'proof', attemptsBefore: 2, lastProblem: problem, account: null },
  discovery: {
    intervalSeconds: 3600,
    nextAt: at,
    running: { since: at, trigger: 'requested' },
    last: {
      trigger: 'connected',
      startedAt: at,
      finishedAt: at,
      lists: 1,
      complete: 1,
      partial: 0,
      failed: 0,
      resources: 1,
      added: 1,
      removed: 0,
      changed: 0,
      problems: [problem],
      notice: null,
    },
  },
  tombstone,
});

/** Every variant of a document with one value replaced by garbage, and the path of that value. */
function* spoilt(value: unknown, path = ''): Generator<{ path: string; document: unknown }> {
  for (const garbage of [undefined, null, 7, 'text', [], {}, [null]]) yield { path, document: garbage };
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    for (const { path: deeper, document } of spoilt(member, `${path}/${name}`)) {
      yield {
        path: deeper,
        document: Array.isArray(value) ? value.with(Number(name), document) : { ...value, [name]: document },
      };
    }
  }
}

describe('a view that another process wrote', () => {
  it('a view that another process wrote is read with all its fields', () => {
    expect(parseView(full)).toEqual(full);
    expect(parseView(viewWith())).toEqual(viewWith());
  });

  it('a view with any single value spoilt is either rejected or can be served', async () => {
    let view: ConnectionView = full;
    const connections = {
      view: async () => foundOf(view),
      list: async () => ({ views: [view], nextPageToken: undefined }),
    } as unknown as ConnectionsGateway;
    const { app, keyFor } = await composeApp({}, { connections });
    const headers = await keyFor('acme', 'admin');
    let read = 0;
    for (const { path, document } of spoilt(full)) {
      const parsed = parseView(document);
      if (!parsed) continue;
      read += 1;
      view = parsed;
      for (const url of [`/v1/connections/${full.id}`, '/v1/connections']) {
        expect((await app.inject({ url, headers })).statusCode, `${path} ${JSON.stringify(document)}`).toBe(200);
      }
    }
    expect(read).toBeGreaterThan(10);
  });

  it.each(['tenant', 'id', 'status', 'warnings', 'credential', 'setup', 'createdAt'])(
    'a view without its %s is rejected',
    (name) => {
      const { [name as keyof ConnectionView]: _gone, ...rest } = full;
      expect(parseView(rest)).toBeUndefined();
    },
  );
});

describe('what is read besides views', () => {
  it('a tombstone is read with the request that began it, and rejected without its final status', () => {
    expect(parseTombstone(tombstone)).toEqual(tombstone);
    const { status: _status, ...rest } = tombstone;
    expect(parseTombstone(rest)).toBeUndefined();
  });

  it('facts and reports of the known version are read, and others are rejected', () => {
    expect(parseFacts(facts)).toEqual(facts);
    expect(parseReport({ v: 1, problem })).toEqual({ v: 1, problem });
    for (const other of [{ ...facts, v: 2 }, {}, null, 'text']) {
      expect(parseFacts(other)).toBeUndefined();
      expect(parseReport(other)).toBeUndefined();
    }
  });
});
