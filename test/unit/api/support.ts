import { KeyRing } from '../../../platform/key-ring.ts';
import type { Found } from '../../../api/temporal/lookup.ts';
import type { AccessRecord } from '../../../stores/secrets/credential-record.ts';
import type { ConnectionView } from '../../../contracts/connection.ts';

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
  locked: false,
});

/** As a look at Temporal answers it. */
export const foundOf = (view: ConnectionView, changes: Partial<Found> = {}): Found => ({
  view,
  source: 'temporal',
  health: null,
  verification: null,
  request: undefined,
  ...changes,
});

/** What the API may read of a live credential; `mooring` of the changes is laid over the record's own. */
export function accessRecordWith({
  mooring,
  ...fields
}: Omit<Partial<AccessRecord>, 'mooring'> & { mooring?: Partial<AccessRecord['mooring']> } = {}): AccessRecord {
  return {
    provider: 'p',
    endpoint: 'r',
    auth_method: 'm',
    ...fields,
    mooring: {
      tenant: 'acme',
      generation: 1,
      attempt_id: 'attempt',
      issued_at_ms: 0,
      ttl_seconds: 3600,
      renewable: true,
      scopes: [],
      next_refresh_at_ms: null,
      ...mooring,
    },
  };
}
