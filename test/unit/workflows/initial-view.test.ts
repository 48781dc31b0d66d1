import { expect, test } from 'vitest';
import { FIRST_EPOCH, initialView } from '../../../contracts/connection-view.ts';
import type { ConnectionInput } from '../../../contracts/messages.ts';
import { iso } from '../../../contracts/time.ts';
import { invitationFrom } from '../../../workflows/connection/handlers.ts';
import { initialState } from '../../../workflows/connection/phases.ts';
import { viewOf } from '../../../workflows/connection/view.ts';

const startedAtMs = Date.parse('2030-01-01T00:00:00.000Z');

test.each([{ intervalSeconds: 3_600, concurrency: 4 }, { intervalSeconds: null, concurrency: 4 }, null])(
  'the view at the start is the one that the workflow makes of its first state (discovery: %j)',
  (discovery) => {
    const input: ConnectionInput = {
      id: 'con_a',
      tenant: 'acme',
      provider: 'cloud',
      region: 'r',
      method: 'm',
      name: 'Blog',
      tags: ['blue'],
      setup: { externalId: 'x' },
      invitation: { lifetimeSeconds: 3_600, passcodeRequired: true, confirm: true },
      discovery,
    };
    const invitation = invitationFrom(input.invitation, FIRST_EPOCH, 'connect', startedAtMs);
    expect(initialView(input, startedAtMs)).toEqual(viewOf(initialState(input, invitation, iso(startedAtMs), null)));
  },
);
