import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ProviderError } from '../../providers/provider.ts';
import { eventually } from '../support/eventually.ts';
import type { CloudUnderTest, Faults, ListerHarness } from './lister.harness.ts';
import { listAll, rowsIn, troubleIn, without, type Listed } from './lister.listed.ts';

/** Each page is asked for once; a list that goes in a circle is ended long before this. */
const MOST_CALLS = 50;
const RETRY_AFTER_SECONDS = 7;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const allFaults = {
  fail: true,
  endCredential: true,
  deny: true,
  hang: true,
  repeatToken: true,
  cycleTokens: true,
  badRow: true,
  noRows: true,
  remove: true,
} as const satisfies Record<keyof Faults, true>;
const faultNames = Object.keys(allFaults) as (keyof Faults)[];

/** What every lister guarantees, whatever its cloud. */
export function listerContract(name: string, harness: ListerHarness): void {
  const { leftOut, paged } = harness;
  const { kind } = paged;

  describe(`the lister of ${name}`, () => {
    let cloud: CloudUnderTest;
    beforeEach(async () => {
      cloud = await harness.start();
    });
    afterEach(async () => {
      await cloud.close();
    });

    const kindsToSeed = () =>
      cloud.lister.manifest.kinds.map(({ id }) => id).filter((id) => id !== cloud.lister.manifest.projectKind);
    const seedAll = async (count: number) => {
      for (const each of kindsToSeed()) await cloud.seed(each, count);
    };
    const fault = <F extends keyof Faults>(which: F): Faults[F] => {
      const given = cloud.faults[which];
      if (given === undefined) throw new Error(`The harness has no fault "${which}".`);
      return given;
    };
    /** Not registered where the cloud has no such fault; the harness says why. */
    const testWith = (which: keyof Faults): ((title: string, run: () => Promise<void>) => void) =>
      leftOut[which] === undefined ? test : () => undefined;
    const expectNoSecret = (listed: Listed) => {
      const text = JSON.stringify([...listed]);
      for (const secret of ['hunter2', ...cloud.secrets]) expect(text).not.toContain(secret);
    };
    /** All lists of an account with two resources of each kind, during a fault that other kinds do not notice. */
    const during = async (begin: () => Promise<readonly string[]>) => {
      await seedAll(2);
      const before = await listAll(cloud);
      const hit = await begin();
      const listed = await listAll(cloud);
      expect(hit).toContain(kind);
      expect(without(listed, hit)).toEqual(without(before, hit));
      expectNoSecret(listed);
      return { hit, listed };
    };

    test('every fault is given by the harness, or left out with a reason', () => {
      const unclear = faultNames.filter((each) => (cloud.faults[each] === undefined) === (leftOut[each] === undefined));
      expect(unclear).toEqual([]);
    });

    test('each kind of the manifest is in exactly one list, of its own scope', () => {
      const { manifest, lists } = cloud.lister;
      const inLists = lists.flatMap(({ scope, kinds }) => kinds.map((id) => `${scope} ${id}`));
      const inManifest = manifest.kinds.filter(({ id }) => id !== manifest.projectKind);
      expect(inLists.toSorted()).toEqual(inManifest.map(({ scope, id }) => `${scope} ${id}`).toSorted());
      expect(new Set(lists.map(({ id }) => id)).size).toBe(lists.length);
      if (manifest.projectKind !== null) expect(manifest.kinds.map(({ id }) => id)).toContain(manifest.projectKind);
    });

    test('a list has the resources of all pages, each once', async () => {
      await cloud.seed(kind, paged.count);
      const listed = await listAll(cloud);
      expect(troubleIn(listed, kind)).toEqual([]);
      expect(new Set(rowsIn(listed, kind).map(({ id }) => id)).size).toBe(paged.count);
      expect(rowsIn(listed, kind)).toHaveLength(paged.count);
    });

    test('an account without resources is listed completely, with no rows', async () => {
      const listed = await listAll(cloud);
      for (const each of kindsToSeed()) {
        expect([each, troubleIn(listed, each)]).toEqual([each, []]);
        expect(rowsIn(listed, each)).toEqual([]);
      }
    });

    test('rows are stamped with kind and project, have keys of their own, and keep to the vocabulary', async () => {
      await seedAll(3);
      const listed = await listAll(cloud);
      const { manifest } = cloud.lister;
      for (const { id, scope } of manifest.kinds) {
        const rows = rowsIn(listed, id);
        expect([id, rows.length]).toEqual([id, id === manifest.projectKind ? rows.length : 3]);
        expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
        for (const row of rows) {
          expect([row.kind, row.project]).toEqual([id, scope === 'project' ? cloud.projectId : null]);
          expect(Object.keys(manifest.sources)).toContain(row.source);
          expect(row.nativeType).not.toBe('');
          if (row.createdAt !== null) expect(row.createdAt).toMatch(ISO);
          for (const url of [row.url, row.consoleUrl]) if (url !== null) expect(() => new URL(url)).not.toThrow();
        }
      }
    });

    test('two lists of an account in which nothing has changed are equal', async () => {
      await seedAll(3);
      expect([...(await listAll(cloud))]).toEqual([...(await listAll(cloud))]);
    });

    test('nothing secret of what the cloud answers is in a row', async () => {
      await seedAll(2);
      const listed = await listAll(cloud);
      expect(rowsIn(listed, kind)).toHaveLength(2);
      expectNoSecret(listed);
    });

    testWith('badRow')('a row without what no row may lack is a loss, and costs no other row', async () => {
      const { listed } = await during(async () => await fault('badRow')(kind));
      expect(rowsIn(listed, kind)).toHaveLength(1);
      expect(troubleIn(listed, kind)).not.toEqual([]);
    });

    testWith('noRows')('an answer without the key of its rows is a problem, and not an empty list', async () => {
      const { hit, listed } = await during(async () => await fault('noRows')(kind));
      for (const each of hit) expect([each, troubleIn(listed, each)]).not.toEqual([each, []]);
    });

    testWith('fail')(
      'a list that is forbidden has failed for the customer to mend, and the credential is not doubted',
      async () => {
        const { hit, listed } = await during(async () => await fault('fail')(kind, { status: 403 }));
        for (const each of hit) {
          expect(listed.get(each)).toMatchObject({ outcome: 'failed' });
          for (const cause of troubleIn(listed, each)) expect(['user', 'config']).toContain(cause.class);
        }
      },
    );

    testWith('fail')(
      'a list that is limited is transient, and the time that the cloud asks for is waited or passed on',
      async () => {
        const limited = { status: 429, retryAfterSeconds: RETRY_AFTER_SECONDS } as const;
        const { hit, listed } = await during(async () => await fault('fail')(kind, limited));
        for (const each of hit) {
          const causes = troubleIn(listed, each);
          expect(causes.map((cause) => cause.class)).toContain('transient');
          const passedOn = Math.max(...causes.map(({ retryAfterSeconds }) => retryAfterSeconds ?? 0));
          expect(Math.max(passedOn, cloud.secondsWaited())).toBeGreaterThanOrEqual(RETRY_AFTER_SECONDS);
        }
      },
    );

    testWith('fail')('a list that the cloud fails to make is transient', async () => {
      const { hit, listed } = await during(async () => await fault('fail')(kind, { status: 500 }));
      for (const each of hit) {
        expect(troubleIn(listed, each).map((cause) => cause.class)).toContain('transient');
      }
    });

    testWith('fail')('an error that repeats what was sent shows none of it', async () => {
      for (const status of [500, 403] as const) {
        const { listed } = await during(async () => await fault('fail')(kind, { status, echo: true }));
        expect(troubleIn(listed, kind)).not.toEqual([]);
      }
    });

    testWith('endCredential')('a credential that has ended is thrown as revoked, by every list', async () => {
      await fault('endCredential')();
      const { lister, projectId } = cloud;
      const context = cloud.context(new AbortController().signal);
      const asked = [
        ...(lister.manifest.projectKind === null ? [] : [lister.listProjects(context)]),
        ...lister.lists.map(({ id, scope, kinds }) =>
          lister.list(context, { list: id, kinds, projectId: scope === 'project' ? projectId : null }),
        ),
      ];
      for (const answer of await Promise.allSettled(asked)) {
        expect(answer).toMatchObject({ status: 'rejected', reason: { class: 'revoked' } });
        expect(answer.status === 'rejected' && answer.reason).toBeInstanceOf(ProviderError);
      }
    });

    testWith('deny')(
      'a right that is missing is named, costs only its own kinds, and the credential is not doubted',
      async () => {
        let action: string | null = null;
        const { hit, listed } = await during(async () => {
          const denied = await fault('deny')(kind);
          action = denied.action;
          return denied.kinds;
        });
        for (const each of hit) {
          const denied = troubleIn(listed, each).filter((cause) => cause.denied !== null);
          expect(denied[0]).toMatchObject({ class: 'user', denied: { action } });
          expect(denied[0]?.problem.remedy).not.toBe('');
        }
      },
    );

    testWith('hang')(
      'a call that is never answered ends at its deadline, as a problem of its own kinds alone',
      async () => {
        const { hit, listed } = await during(async () => await fault('hang')(kind));
        for (const each of hit) {
          expect(troubleIn(listed, each).map((cause) => cause.class)).toContain('transient');
        }
      },
    );

    testWith('hang')('a list that is aborted while it waits rejects with the reason of its signal', async () => {
      await cloud.seed(kind, 1);
      await fault('hang')(kind);
      const before = await cloud.calls();
      const controller = new AbortController();
      const listing = listAll(cloud, controller.signal);
      await eventually('a call', async () => (await cloud.calls()) > before);
      const reason = new Error('Ended by the test.');
      controller.abort(reason);
      await expect(listing).rejects.toBe(reason);
    });

    test('a list with a signal that is aborted already rejects with its reason', async () => {
      const reason = new Error('Ended by the test.');
      await expect(listAll(cloud, AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    for (const which of ['repeatToken', 'cycleTokens'] as const) {
      const what = which === 'repeatToken' ? 'a page that names itself as the next' : 'pages that go in a circle';
      testWith(which)(`${what} end as a loss after few calls, and each row is there once`, async () => {
        await cloud.seed(kind, paged.count);
        const hit = await fault(which)(kind);
        const before = await cloud.calls();
        const listed = await listAll(cloud);
        expect((await cloud.calls()) - before).toBeLessThanOrEqual(MOST_CALLS);
        for (const each of hit) expect([each, troubleIn(listed, each)]).not.toEqual([each, []]);
        const keys = rowsIn(listed, kind).map(({ key }) => key);
        expect(new Set(keys).size).toBe(keys.length);
      });
    }

    testWith('remove')(
      'the second witness says of a deleted resource that it is gone, and never of another',
      async () => {
        await cloud.seed(kind, 2);
        const rows = rowsIn(await listAll(cloud), kind);
        const [deleted, other] = rows;
        await fault('remove')(kind, deleted?.id ?? '');
        const { lister, projectId } = cloud;
        const scope = lister.manifest.kinds.find(({ id }) => id === kind)?.scope;
        const absent = { kind, projectId: scope === 'project' ? projectId : null, rows };
        const answer = await lister.confirmGone?.(cloud.context(new AbortController().signal), absent);
        expect([...(answer?.gone ?? [])]).toEqual([deleted?.key]);
        expect(answer?.there.has(deleted?.key ?? '')).toBe(false);
        expect(answer?.gone.has(other?.key ?? '')).toBe(false);
      },
    );
  });
}
