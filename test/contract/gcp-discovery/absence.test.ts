import { describe, expect, test } from 'vitest';

import { listerForTest, rowsIn, web } from './on-sandbox.ts';

describe('the second witness for rows that a list lacks', () => {
  test('the second witness asks each service about each resource, whatever its kind', async () => {
    const { cloud, list, lister, context } = await listerForTest();
    const rows = rowsIn(await list());
    const byKind = Map.groupBy(rows, ({ kind }) => kind);
    expect(byKind.size).toBe(10);
    for (const [kind, those] of byKind) {
      const absence = await lister.confirmGone?.(context(), { kind, projectId: web, rows: those });
      expect([kind, absence]).toEqual([
        kind,
        { gone: new Set(), there: new Set(those.map(({ key }) => key)), refused: null },
      ]);
    }
    await cloud.gcp.remove(web, 'instance', 'instance-1');
    await cloud.gcp.remove(web, 'bucket', `${web}-bucket-1`);
    await cloud.gcp.remove(web, 'cluster', 'cluster-2');
    for (const [kind, those] of byKind) {
      const absence = await lister.confirmGone?.(context(), { kind, projectId: web, rows: those });
      expect(absence?.gone.size).toBe(['instance', 'object_storage', 'kubernetes'].includes(kind) ? 1 : 0);
    }
  });

  test('the second witness says nothing of resources that it may not read, nor where a proxy answers 404', async () => {
    const { cloud, list, lister, context } = await listerForTest();
    const rows = rowsIn(await list(), 'instance');
    const request = { kind: 'instance', projectId: web, rows };
    await cloud.gcp.deny('ada@lindqvist.example', ['compute.instances.get']);
    const nothing = { gone: new Set(), there: new Set(), refused: null };
    expect(await lister.confirmGone?.(context(), request)).toEqual(nothing);
    await cloud.gcp.deny('ada@lindqvist.example', []);
    await cloud.fault({ endpoint: 'resource.get' }, { kind: 'respond', status: 404, body: '<h1>Not found</h1>' }, null);
    expect(await lister.confirmGone?.(context(), request)).toEqual(nothing);
  });

  test('the second witness asks about a hundred rows at most, and leaves the others to the next passes', async () => {
    const { cloud, list, lister, context, requests } = await listerForTest();
    await cloud.gcp.resize(web, { instance: 250 });
    const rows = rowsIn(await list(), 'instance');
    const before = requests.length;
    const absence = await lister.confirmGone?.(context(), { kind: 'instance', projectId: web, rows });
    expect(requests.length - before).toBe(100);
    expect(absence?.there.size).toBe(100);
  });

  test('the second witness throws what ends the credential', async () => {
    const { cloud, list, lister, context } = await listerForTest();
    const rows = rowsIn(await list(), 'instance');
    await cloud.gcp.revokeAccount('ada@lindqvist.example');
    const asked = lister.confirmGone?.(context(), { kind: 'instance', projectId: web, rows });
    await expect(asked).rejects.toMatchObject({ class: 'revoked' });
  });
});

describe('a project that is no longer listed', () => {
  const projects = async () => {
    const started = await listerForTest();
    const listing = await started.lister.listProjects(started.context());
    return { ...started, rows: rowsIn(listing) };
  };

  test('the list of projects has the active ones alone, with their numbers, over all pages', async () => {
    const { rows } = await projects();
    expect(rows.map(({ id, summary }) => [id, summary])).toEqual([
      ['lindqvist-web', { number: '101010101011' }],
      ['lindqvist-data', { number: '101010101012' }],
      ['lindqvist-lab', { number: '101010101014' }],
    ]);
    expect(rows[0]).toMatchObject({ kind: 'project', project: null, name: 'Lindqvist Web', status: 'active' });
  });

  test('a project is gone once it is being deleted, and there while it is active', async () => {
    const { cloud, lister, context, rows } = await projects();
    await cloud.gcp.removeProject('lindqvist-data');
    expect(await lister.confirmGone?.(context(), { kind: 'project', projectId: null, rows })).toEqual({
      gone: new Set(['lindqvist-data']),
      there: new Set(['lindqvist-web', 'lindqvist-lab']),
      refused: null,
    });
  });

  test('a project is kept where a role was lost, because Google says the same of one that does not exist', async () => {
    const { cloud, lister, context, rows } = await projects();
    await cloud.gcp.grant('ada@lindqvist.example', ['lindqvist-web']);
    const absence = await lister.confirmGone?.(context(), { kind: 'project', projectId: null, rows });
    expect(absence?.gone).toEqual(new Set());
    expect(absence?.refused).toMatchObject({
      class: 'user',
      denied: { action: 'resourcemanager.projects.get' },
      problem: { code: 'project_hidden', remedy: expect.stringContaining('roles/browser') as string },
    });
  });
});
