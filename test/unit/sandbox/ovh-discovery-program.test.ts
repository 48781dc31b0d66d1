import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../../platform/json.ts';
import { ovhFailures } from '../../../sandbox/client.ts';
import { textAt } from '../../../sandbox/clouds/ovh/inventory/kind.ts';
import { capturedRun } from '../../contract/ovhcloud/captured-runs.ts';
import { rowsOf, runProgram, said, type ProgramRun } from './ovh-discovery-program.ts';
import { startOvh, type OvhUnderTest } from './ovh-under-test.ts';

let ovh: OvhUnderTest;
let projectId: string;
let accessToken: string;
beforeAll(async () => void (ovh = await startOvh()));
beforeEach(async () => {
  await ovh.cloud.reset();
  projectId = (await ovh.cloud.ovh.projects())[0]?.id ?? '';
  accessToken = (await ovh.signIn()).accessToken;
});
afterAll(() => ovh.close());

const run = (captured: string, ...flags: string[]) => runProgram(ovh, { accessToken, projectId, captured, flags });
const keysOf = (rows: readonly object[]) => [...new Set(rows.flatMap((row) => Object.keys(row)))].sort();

describe('what ovhcloud lists', () => {
  test.each([
    ['projects', 3],
    ['instances', 24],
    ['kube', 3],
    ['databases', 4],
    ['loadbalancers', 2],
    ['registries', 2],
    ['volumes', 18],
    ['s3 containers', 8],
    ['swift containers', 2],
    ['baremetal', 6],
    ['regions', 7],
    ['vps', 3],
    ['ip', 8],
  ])('the list of %s has all %i rows, with the fields of the captured runs', async (kind, count) => {
    const { exit, stdout, stderr } = await run(`${kind}|token|ok`);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const rows = rowsOf({ stdout });
    expect(rows).toHaveLength(count);
    const captured = keysOf(rowsOf(capturedRun(`${kind}|token|ok`)));
    for (const row of rows) expect(Object.keys(row).sort()).toEqual(captured);
  });

  test('private networks are listed with one row for each region, so that IDs repeat', async () => {
    const rows = rowsOf(await run('private networks|token|ok'));
    expect(keysOf(rows)).toEqual(keysOf(rowsOf(capturedRun('private networks|token|ok'))));
    expect(new Set(rows.map((row) => row['id'])).size).toBe(3);
    expect(rows.length).toBeGreaterThan(3);
  });

  test('IAM resources are listed from all pages and all products', async () => {
    await ovh.cloud.ovh.resize('la12345-ovh', { server: 230 });
    const rows = rowsOf(await run('iam resource|token|ok'));
    expect(rows).toHaveLength(3 + 230 + 3 + 1);
    expect(keysOf(rows)).toEqual(keysOf(rowsOf(capturedRun('iam resource|token|ok'))));
    expect((await ovh.cloud.counters()).requests['iam.resource.list']).toBe(3);
  });

  test('an empty list is printed as null', async () => {
    await ovh.cloud.ovh.resize(projectId, { kube: 0 });
    expect(await run('kube|token|empty')).toMatchObject({ exit: 0, stdout: 'null', stderr: '' });
  });

  test('five thousand instances are listed, and each is requested once', async () => {
    await ovh.cloud.ovh.resize(projectId, { instance: 5000 });
    expect(rowsOf(await run('instances|token|ok'))).toHaveLength(5000);
    expect((await ovh.cloud.counters()).requests).toMatchObject({
      'cloud.instance.list': 1,
      'cloud.instance.detail': 5000,
    });
  }, 120_000);
});

describe('how ovhcloud fails: exit code and messages of the captured runs', () => {
  const failures = {
    '401': ovhFailures.notSignedIn,
    '403': ovhFailures.invalidCredential,
    '403iam': ovhFailures.notGranted('publicCloudProject:apiovh:instance/get'),
    '429': ovhFailures.tooManyRequests,
    '500': ovhFailures.internal,
    drop: { kind: 'drop_before' },
  } as const;

  /** What is said on both streams, and the exit code. */
  const outcomeOf = ({ exit, stdout, stderr }: ProgramRun) => ({ exit, stdout: said(stdout), stderr: said(stderr) });
  const expectedOf = (captured: string) => outcomeOf(capturedRun(captured));

  test.each(Object.keys(failures) as (keyof typeof failures)[])(
    'the list of instances fails as in the captured run: %s',
    async (name) => {
      await ovh.cloud.fault({ endpoint: 'cloud.instance.list' }, failures[name], null);
      expect(outcomeOf(await run(`instances|token|${name}`))).toEqual(expectedOf(`instances|token|${name}`));
    },
  );

  test.each([
    ['projects', 'cloud.project.list'],
    ['kube', 'cloud.kube.list'],
    ['loadbalancers', 'cloud.loadbalancer.list'],
    ['registries', 'cloud.registry.list'],
    ['private networks', 'cloud.network.list'],
    ['volumes', 'cloud.volume.list'],
    ['swift containers', 'cloud.swift.list'],
    ['baremetal', 'dedicated.server.list'],
    ['vps', 'vps.list'],
    ['ip', 'ip.list'],
  ])('the list of %s without the permission fails as in the captured run', async (kind, endpoint) => {
    await ovh.cloud.fault({ endpoint }, failures['403iam']);
    expect(outcomeOf(await run(`${kind}|token|403iam`))).toEqual(expectedOf(`${kind}|token|403iam`));
  });

  test.each([
    ['instances', 'cloud.instance.detail', 'instance'],
    ['kube', 'cloud.kube.detail', 'kube'],
  ] as const)('one failed detail request of %s fails the whole list', async (kind, endpoint, name) => {
    const [, second = {}] = await ovh.cloud.ovh.rows(projectId, name);
    await ovh.cloud.ovh.resize(projectId, { [name]: 2 });
    await ovh.cloud.fault({ endpoint, path: textAt(second, 'id') }, failures['403iam'], null);
    expect(outcomeOf(await run(`${kind}|token|detail403`))).toEqual(expectedOf(`${kind}|token|detail403`));
  });

  test('with -e a failed detail request loses only its own row, and is reported on stderr', async () => {
    const [, second = {}] = await ovh.cloud.ovh.rows(projectId, 'instance');
    await ovh.cloud.fault({ endpoint: 'cloud.instance.detail', path: textAt(second, 'id') }, failures['403iam'], null);
    const { exit, stdout, stderr } = await run('X ignore-errors detail403');
    expect(exit).toBe(0);
    expect(rowsOf({ stdout })).toHaveLength(23);
    expect(said(stderr)).toBe(said(capturedRun('X ignore-errors detail403').stderr));
  });

  test('a region that fails loses only its own buckets, with exit code 0 and a line on stderr', async () => {
    const buckets = await ovh.cloud.ovh.rows(projectId, 's3');
    const lost = textAt(buckets[0] ?? {}, 'region');
    await ovh.cloud.fault({ endpoint: 'cloud.s3.list', path: `/region/${lost}/` }, failures['500'], null);
    const { exit, stdout, stderr } = await run('s3 containers|token|ok');
    expect(exit).toBe(0);
    const names = (rows: readonly JsonObject[]) => new Set(rows.map((row) => row['name']));
    expect(names(rowsOf({ stdout }))).toEqual(names(buckets.filter((row) => row['region'] !== lost)));
    expect(said(stderr)).toBe(
      `<time> error fetching /cloud/project/<project>/region/${lost}/storage: OVHcloud API error (status code 500): ` +
        'Server::InternalServerError: "Internal server error" (X-OVH-Query-Id: <id>)',
    );
  });

  test('a redirect is followed, as Go follows it', async () => {
    const empty = `/ovh-eu/1.0/vrack`;
    await ovh.cloud.ovh.resize('la12345-ovh', { vrack: 0 });
    const action = { kind: 'respond', status: 302, headers: { location: empty } } as const;
    await ovh.cloud.fault({ endpoint: 'cloud.kube.list' }, action, null);
    expect(await run('kube|token|empty')).toMatchObject({ exit: 0, stdout: 'null', stderr: '' });
  });

  test.each([
    ['<html>', `invalid character '<' looking for beginning of value`],
    ['["a', 'unexpected end of JSON input'],
    ['{}', 'json: cannot unmarshal object into Go value of type []interface {}'],
  ])('an answer that is no list fails in the words of Go: %s', async (body, words) => {
    await ovh.cloud.fault({ endpoint: 'cloud.kube.list' }, { kind: 'respond', status: 200, body }, null);
    const { exit, stdout } = await run('kube|token|500');
    expect(exit).toBe(1);
    expect(stdout).toContain(words.replaceAll('<', String.raw`\u003c`));
  });

  test.each([
    ['null', 23, ''],
    ['[]', 23, 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
  ])('details that are %s are left out with -e', async (body, count, words) => {
    const [, second = {}] = await ovh.cloud.ovh.rows(projectId, 'instance');
    const match = { endpoint: 'cloud.instance.detail', path: textAt(second, 'id') };
    await ovh.cloud.fault(match, { kind: 'respond', status: 200, body }, null);
    const { stdout, stderr } = await run('X ignore-errors detail403');
    expect(rowsOf({ stdout })).toHaveLength(count);
    expect(stderr).toContain(words);
  });

  test('a project of another account is reported as unknown', async () => {
    projectId = (await ovh.cloud.ovh.projects('ob67890-ovh'))[0]?.id ?? '';
    const { exit, stdout } = await run('instances|token|ok');
    expect(exit).toBe(1);
    expect(said(stdout)).toBe(said(capturedRun('X unknown project').stdout));
  });

  test('an expired access token fails as in the captured run', async () => {
    ovh.clock.advance(3600);
    expect(outcomeOf(await run('instances|token|401'))).toEqual(expectedOf('instances|token|401'));
  });
});
