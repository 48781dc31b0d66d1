import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { stateHash } from '../../api/sign-in/oauth-state.ts';
import { processNames, type ProcessName } from '../../scripts/dev/plan.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { createCustomer, type Customer } from '../support/customer.ts';
import { eventually } from '../support/eventually.ts';
import { createStackProcess, type StackProcess } from './support/stack-process.ts';
import { openEphemeral } from './support/stack-stores.ts';

const victims: readonly (readonly [string, readonly ProcessName[]])[] = [
  ['API', ['api']],
  ['whole stack', processNames],
];

describe.skipIf(inject('components').temporal === null)(
  'a redirect whose state was claimed',
  { timeout: 90_000 },
  () => {
    let stack: StackProcess;
    let ephemeral: EphemeralStore;
    let customer: Customer;

    beforeAll(async () => {
      stack = await createStackProcess();
      await stack.start();
      ephemeral = openEphemeral(stack.stateDirectory);
      customer = createCustomer(stack.info());
    }, 90_000);

    afterAll(async () => {
      await ephemeral.close();
      await stack.dispose();
    }, 90_000);

    it.each(victims)(
      'a callback completes the sign-in on reload after the %s was killed between claim and hand-over',
      async (victim, dying) => {
        const { connection, invitation } = await customer.platform.invite();
        const signedIn = await customer.signIn(invitation.url);
        const before = await customer.cloud.counters();

        // The hand-over waits for Temporal; the claim before it does not.
        stack.signal('SIGSTOP', 'temporal');
        const cut = signedIn.arrive().catch((error: unknown) => error);
        const claim = ephemeralKeys.oauthStateClaim(stateHash(signedIn.callback.searchParams.get('state') ?? ''));
        await eventually('the state to be claimed', async () => (await ephemeral.get(claim)) !== undefined);
        const { pids } = stack.info();
        if (victim === 'API') {
          stack.signal('SIGKILL', ...dying);
          stack.signal('SIGCONT', 'temporal');
          await stack.untilUpAgain(pids, ...dying);
        } else {
          await stack.killAll();
          await stack.start();
        }
        expect(await cut).toBeInstanceOf(Error);

        expect((await customer.platform.get(connection.id)).status).toBe('awaiting_customer');
        await signedIn.arrive();
        expect((await customer.platform.until(connection.id, 'active')).credential?.generation).toBe(1);
        const after = await customer.cloud.counters();
        expect(after.codesRedeemed - before.codesRedeemed).toBe(1);
        expect(after.codesRedeemedTwice).toBe(0);
      },
    );
  },
);
