import { describe, expect, test } from 'vitest';
import { listsOf } from '../../../bench/baseline/lists.ts';
import { versionIn } from '../../../bench/support/machine.ts';
import { everyNth, grownBy, ownCpu } from '../../../bench/support/measure.ts';
import { cpuBetween, cpuSeconds, residentIn } from '../../../bench/support/sampler.ts';

describe('measurements from outside the processes', () => {
  test('the CPU time of a process is read although its name has spaces and brackets', () => {
    const fields = ['S', ...Array.from({ length: 10 }, () => '0'), '250', '50', '9', '9'];
    expect(cpuSeconds(`42 (a (strange) name) ${fields.join(' ')}`)).toBe(3);
  });

  test('the CPU time between two readings includes all of a process that started in between', () => {
    const used = cpuBetween(
      new Map([['api', 1]]),
      new Map([
        ['api', 1.5],
        ['worker', 2],
      ]),
    );
    expect(used).toEqual({ api: 500, worker: 2000 });
  });

  test('the CPU time of the product does not include the simulated clouds', () => {
    expect(ownCpu({ worker: 4, vault: 3, clouds: 100 })).toBe(7);
  });

  test('resident memory is read in MiB', () => {
    expect(residentIn('VmPeak:\t  999 kB\nVmRSS:\t  204800 kB\n')).toBe(200);
  });

  test('the growth of histories counts new events, and all events of a new run', () => {
    const before = new Map([
      ['a', { runId: '1', events: 10 }],
      ['b', { runId: '1', events: 90 }],
    ]);
    const after = new Map([
      ['a', { runId: '1', events: 13 }],
      ['b', { runId: '2', events: 4 }],
    ]);
    expect(grownBy(before, after)).toBe(7);
  });

  test('a sample is spread over all items, and has all of them where they are few', () => {
    expect(everyNth([0, 1, 2, 3, 4, 5], 3)).toEqual([0, 2, 4]);
    expect(everyNth([0, 1], 200)).toEqual([0, 1]);
  });

  test.for([
    ['temporal', 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)', '1.29.1'],
    ['vault', 'Vault v1.21.2, built 2025', '1.21.2'],
    ['redis', 'Redis server v=7.0.15 sha=0', '7.0.15'],
    ['other', 'other 1\n', 'other 1'],
  ] as const)('the version of %s is read from its output', ([program, text, version]) => {
    expect(versionIn(program, text)).toBe(version);
  });

  test('requests are sorted into lists, each index before the items that it names', () => {
    const lists = listsOf([
      'GET /ovh-eu/1.0/cloud/project/p1/kube/k1',
      'GET /ovh-eu/1.0/cloud/project/p1/kube',
      'GET /ovh-eu/1.0/cloud/project/p1/kube/k2',
      'GET /ovh-eu/1.0/dedicated/server',
      'GET /ovh-eu/1.0/cloud/project',
      'GET /ovh-eu/1.0/me',
      'POST /ovh-eu/auth/oauth2/token',
    ]);
    expect(lists.map(({ name, levels }) => [name, levels.map((level) => level.length)])).toEqual([
      ['cloud/project/p1/kube', [1, 2]],
      ['dedicated/server', [1]],
      ['cloud/project', [1]],
    ]);
  });
});
