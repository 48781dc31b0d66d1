import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, inject } from 'vitest';
import { startStandInWorld } from '../../e2e/support/stand-in-world.ts';
import type { World } from '../../e2e/support/world.ts';
import { createCustomer, type Customer } from '../../support/customer.ts';
import { invitePeople, type People, type Person } from './people.ts';

const { chromium, temporal } = inject('components');
const START_WITHIN_MS = 120_000;

/** What a file's tests have in common. There only while they run. */
export interface Stage extends Customer {
  readonly world: World;
  /** A person at a browser with no cookies of anybody else. */
  readonly someone: (options?: BrowserContextOptions) => Promise<Person>;
}

/** Guarantees that hold with the stack of `npm start` and people at browsers; skipped where there is no browser. */
export function inBrowser(title: string, guarantees: (stage: Stage) => void): void {
  describe.skipIf(chromium === null || temporal === null)(title, { timeout: 60_000 }, () => {
    let world: World;
    let people: People;
    const stage = {} as { -readonly [K in keyof Stage]: Stage[K] };
    beforeAll(async () => {
      world = await startStandInWorld();
      people = await invitePeople(chromium?.path ?? '');
      Object.assign(stage, createCustomer(world.running), {
        world,
        someone: async (options?: BrowserContextOptions) => await people.someone(options),
      });
    }, START_WITHIN_MS);
    afterAll(async () => {
      await people.goHome();
      await world.stop();
    }, START_WITHIN_MS);
    guarantees(stage);
  });
}
