import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createInvitationLinks } from '../../../api/sign-in/links.ts';
import { tryPasscode } from '../../../api/sign-in/try-passcode.ts';
import type { MethodOption } from '../../../api/connections/provider-catalog.ts';
import type { ConnectionsGateway } from '../../../api/temporal/gateway.ts';
import { temporalProblems } from '../../../api/temporal/problems.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { keyRing, viewWith } from './support.ts';

const QUARTER_SECONDS = 15 * 60;
const view = viewWith();
const expiresAt = view.invitation?.expiresAt ?? '';

let clock: ManualClock;
let ephemeral: EphemeralStore;
beforeEach(() => {
  clock = createManualClock(Date.parse(view.createdAt));
  ephemeral = createSqliteEphemeralStore({ path: join(temporaryFolder(), 'ephemeral.db'), keyRing, clock });
  onTestFinished(async () => await ephemeral.close());
});

/** The link of one invitation with the passcode "tulip-42"; `locked` = the epochs whose lock Temporal was sent. */
async function linkOf(epoch = 1) {
  const links = createInvitationLinks({ keyRing, clock, publicUrl: 'https://mooring.example' });
  const url = await links.url({ connection: view.id, epoch, expiresAt, passcode: 'tulip-42' });
  const opened = await links.open(url.split('/').at(-1) ?? '');
  if (opened.outcome !== 'valid') throw new Error('The link is valid.');
  const locked: number[] = [];
  let isAway = false;
  const connections = {
    lockInvitation(_tenant: string, _id: string, of: number) {
      if (isAway) return Promise.reject(temporalProblems.unavailable(undefined));
      locked.push(of);
      return Promise.resolve();
    },
  } as unknown as ConnectionsGateway;
  const open = { state: 'open', claims: opened.claims, expiresAt, view, option: {} as MethodOption } as const;
  return {
    locked,
    loseTemporal: (lost: boolean) => (isAway = lost),
    tries: async (passcode: string) => await tryPasscode({ ephemeral, links, connections, clock }, open, passcode),
  };
}

type Link = Awaited<ReturnType<typeof linkOf>>;

/** Wrong tries, as many in a quarter of an hour as are let through. */
async function wrongTries({ tries }: Link, count: number): Promise<string[]> {
  const verdicts: string[] = [];
  for (let done = 0; done < count; done++) {
    if (done > 0 && done % 5 === 0) clock.advance(QUARTER_SECONDS);
    verdicts.push(await tries(`wrong-${done}`));
  }
  return verdicts;
}

describe('the tries of a passcode', () => {
  it('after five wrong tries a link takes none for a quarter of an hour, not even the right one', async () => {
    const link = await linkOf();
    await wrongTries(link, 5);
    await expect(link.tries('tulip-42')).rejects.toMatchObject({ status: 429 });
    clock.advance(QUARTER_SECONDS);
    expect(await link.tries('tulip-42')).toBe('right');
  });

  it('after twenty wrong tries in all, days apart, the connection is told to lock the link, and nobody is let in', async () => {
    const link = await linkOf();
    expect(await wrongTries(link, 10)).toEqual(Array.from({ length: 10 }, () => 'wrong'));
    clock.advance(3 * 24 * 3600);
    const rest = await wrongTries(link, 10);
    expect(rest).toEqual([...Array.from({ length: 9 }, () => 'wrong'), 'locked']);
    expect(link.locked).toEqual([1]);
    clock.advance(QUARTER_SECONDS);
    expect(await link.tries('tulip-42')).toBe('locked');
  });

  it('right tries do not count, so that a customer may open the link as often as they like', async () => {
    const link = await linkOf();
    await wrongTries(link, 4);
    for (let each = 0; each < 50; each++) expect(await link.tries('tulip-42')).toBe('right');
    clock.advance(QUARTER_SECONDS);
    expect((await wrongTries(link, 15)).at(-1)).toBe('wrong');
    expect(link.locked).toEqual([]);
  });

  it('of many wrong tries at once no more are checked than one after another', async () => {
    const link = await linkOf();
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, (_none, each) => link.tries(`wrong-${each}`)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });

  it('a lock that could not be sent lets nobody in either, and is sent with the next try', async () => {
    const link = await linkOf();
    link.loseTemporal(true);
    await expect(wrongTries(link, 20)).rejects.toMatchObject({ status: 503 });
    clock.advance(QUARTER_SECONDS);
    await expect(link.tries('tulip-42')).rejects.toMatchObject({ status: 503 });
    link.loseTemporal(false);
    expect(await link.tries('tulip-42')).toBe('locked');
    expect(link.locked).toEqual([1]);
  });

  it('a new invitation of the same connection has all of its tries', async () => {
    await wrongTries(await linkOf(1), 20);
    const next = await linkOf(2);
    expect((await wrongTries(next, 4)).at(-1)).toBe('wrong');
    expect(await next.tries('tulip-42')).toBe('right');
  });
});
