import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createSandboxClient } from '../../../sandbox/client.ts';
import { createSandbox } from '../../../sandbox/sandbox.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startOvh, type OvhUnderTest } from './ovh-under-test.ts';

let ovh: OvhUnderTest;
let accessToken: string;
let project: string;
beforeAll(async () => void (ovh = await startOvh()));
beforeEach(async () => {
  await ovh.cloud.reset();
  project = (await ovh.cloud.ovh.projects())[0]?.id ?? '';
  accessToken = (await ovh.signIn()).accessToken;
});
afterAll(() => ovh.close());

const instances = async () =>
  (await ovh.api(`/cloud/project/${project}/instance`, accessToken)).body as { id: string; name: string }[];

describe('the API shows what the customer changes', () => {
  test('a kind that grows appends new resources, and one that shrinks keeps its first ones', async () => {
    const before = (await instances()).map(({ id }) => id);
    expect(await ovh.cloud.ovh.resize(project, { instance: 40, kube: 0 })).toMatchObject({ instance: 40, kube: 0 });
    const grown = (await instances()).map(({ id }) => id);
    expect(grown).toHaveLength(40);
    expect(grown.slice(0, before.length)).toEqual(before);
    await ovh.cloud.ovh.resize(project, { instance: 3 });
    expect((await instances()).map(({ id }) => id)).toEqual(before.slice(0, 3));
  });

  test('a resource can be changed and removed, and is as generated when it is put again', async () => {
    const [first, ...others] = await instances();
    const id = first?.id ?? '';
    await ovh.cloud.ovh.put(project, 'instance', id, { status: 'SHUTOFF' });
    await ovh.cloud.ovh.put(project, 'instance', id, { name: 'renamed' });
    expect((await ovh.api(`/cloud/project/${project}/instance/${id}`, accessToken)).body).toMatchObject({
      id,
      name: 'renamed',
      status: 'SHUTOFF',
      flavor: { osType: 'linux' },
    });
    await ovh.cloud.ovh.remove(project, 'instance', id);
    expect(await instances()).toEqual(others);
    expect(await ovh.api(`/cloud/project/${project}/instance/${id}`, accessToken)).toMatchObject({ status: 404 });
    await ovh.cloud.ovh.put(project, 'instance', id);
    expect((await instances())[0]).toEqual(first);
  });

  test('a resource can be added beside the generated ones, and removed', async () => {
    const before = await instances();
    await ovh.cloud.ovh.put(project, 'instance', 'by-hand', { name: 'mine' });
    const [added] = (await instances()).slice(before.length);
    expect(added).toMatchObject({ id: 'by-hand', name: 'mine', operationIds: [] });
    await ovh.cloud.ovh.resize(project, { instance: 1 });
    expect((await instances()).map(({ id }) => id)).toEqual([before[0]?.id, 'by-hand']);
    await ovh.cloud.ovh.remove(project, 'instance', 'by-hand');
    expect(await instances()).toHaveLength(1);
  });

  test('a changed resource disappears when its kind shrinks', async () => {
    const last = (await instances()).at(-1)?.id ?? '';
    await ovh.cloud.ovh.put(project, 'instance', last, { name: 'renamed' });
    await ovh.cloud.ovh.resize(project, { instance: 1 });
    expect((await instances()).map(({ id }) => id)).not.toContain(last);
  });

  test('an ID that contains a slash is read as one ID', async () => {
    await ovh.cloud.ovh.put('la12345-ovh', 'ip', '203.0.113.0/28', { description: 'office' });
    const path = `/ip/${encodeURIComponent('203.0.113.0/28')}`;
    expect(await ovh.api(path, accessToken)).toMatchObject({ status: 200, body: { description: 'office' } });
  });

  test('a project can be added, empty except for its regions, and removed', async () => {
    const { id } = await ovh.cloud.ovh.addProject('la12345-ovh', { name: 'new' });
    const projects = async () => (await ovh.api('/cloud/project', accessToken)).body;
    expect(await projects()).toEqual(expect.arrayContaining([project, id]));
    expect(await ovh.api(`/cloud/project/${id}`, accessToken)).toMatchObject({ body: { projectName: 'new' } });
    const added = (await ovh.cloud.ovh.projects()).find((one) => one.id === id);
    expect(added?.sizes).toMatchObject({ region: 7, instance: 0, s3: 0 });
    await ovh.cloud.ovh.removeProject(id);
    await ovh.cloud.ovh.removeProject(project);
    expect(await projects()).toHaveLength(2);
    expect(await ovh.api(`/cloud/project/${project}/kube`, accessToken)).toMatchObject({ status: 404 });
  });

  test('changes survive a restart where there is a state file, and end with a reset', async () => {
    const stateFile = join(temporaryFolder(), 'state.sqlite');
    const started = async () => {
      const sandbox = createSandbox({ stateFile });
      const client = createSandboxClient(await sandbox.listen());
      return { control: client.ovh, reset: () => client.reset(), close: () => sandbox.close() };
    };
    const first = await started();
    const [before] = await first.control.projects();
    await first.control.resize(project, { kube: 9 });
    await first.control.put(project, 'volume', 'by-hand', { size: 1 });
    await first.close();
    const second = await started();
    expect((await second.control.projects())[0]?.sizes).toEqual({
      ...before?.sizes,
      kube: 9,
      volume: (before?.sizes.volume ?? 0) + 1,
    });
    await second.reset();
    expect((await second.control.projects())[0]).toEqual(before);
    await second.close();
  });
});

describe('an invalid change is refused with a message, and changes nothing', () => {
  test('a change with an unknown owner, kind or resource, or with an invalid size, is refused', async () => {
    const { ovh: control } = ovh.cloud;
    await expect(control.resize('nobody', { kube: 1 })).rejects.toThrow('There is no project and no account nobody.');
    await expect(control.resize(project, { kube: 2, server: 1 })).rejects.toThrow(/nothing of the kind "server"/);
    await expect(control.resize(project, { kube: -1 })).rejects.toThrow('{kind: number, …}, up to 100000 each');
    await expect(control.remove(project, 'kube', 'x')).rejects.toThrow(`${project} has no kube x.`);
    await expect(control.removeProject('x')).rejects.toThrow('There is no project x.');
    await expect(control.addProject('nobody', { name: 'x' })).rejects.toThrow('There is no account nobody.');
    expect((await control.projects())[0]?.sizes.kube).toBe(3);
  });
});

test('the front page lists every requested endpoint once, by the name that counters and fault rules use', async () => {
  const page = (await (await fetch(`${ovh.url}/_sandbox`)).json()) as { simulated: { ovh: { endpoints: string[] } } };
  const { endpoints } = page.simulated.ovh;
  expect(new Set(endpoints).size).toBe(endpoints.length);
  await ovh.api(`/cloud/project/${project}/region/GRA11/storage`, accessToken);
  await ovh.api('/vps', accessToken);
  await ovh.api('/no-such-path', accessToken);
  const met = Object.keys((await ovh.cloud.counters()).requests);
  expect(met).toContain('cloud.s3.list');
  expect(endpoints).toEqual(expect.arrayContaining(met));
});
