import { KeyRing } from '../../../platform/key-ring.ts';
import type { ConnectionView } from '../../../workflows/contracts/connection.ts';

export const keyRing = KeyRing.parse(KeyRing.generate('k1'));

/** A connection that waits for its customer; `changes` make it another. */
export const viewWith = (changes: Partial<ConnectionView> = {}): ConnectionView => ({
  id: `con_${'a'.repeat(26)}`,
  tenant: 'acme',
  provider: 'p',
  region: 'r',
  method: 'm',
  name: null,
  tags: [],
  status: 'awaiting_customer',
  statusSince: '2026-11-23T08:00:00.000Z',
  problem: null,
  warnings: [],
  account: null,
  setup: {},
  credential: null,
  invitation: invitationOf(1),
  verification: null,
  discovery: null,
  tombstone: null,
  createdAt: '2026-11-23T08:00:00.000Z',
  updatedAt: '2026-11-23T08:00:00.000Z',
  ...changes,
});

export const invitationOf = (epoch: number): NonNullable<ConnectionView['invitation']> => ({
  epoch,
  expiresAt: '2026-12-07T08:00:00.000Z',
  purpose: 'connect',
  passcodeRequired: false,
  confirm: false,
});
