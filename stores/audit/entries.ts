import type { Actor } from '../../contracts/actor.ts';
import type { AuditEntry } from './line.ts';

/** The chain of what belongs to no tenant: operators' deeds, and refusals of nobody who is known. */
const INSTALLATION = 'installation';

/** A tenant's name has no slash, so that no tenant is called like the installation's chain. */
export const chainOf = (tenant: string | null): string => (tenant === null ? INSTALLATION : `tenant/${tenant}`);

const system: Actor = { kind: 'system', id: 'mooring' };

/** An entry about the record itself. */
export const systemEntry = (
  at: string,
  { action, target, count = 1 }: { readonly action: string; readonly target: string | null; readonly count?: number },
): AuditEntry => ({
  at,
  requestId: 'none',
  callerRequestId: null,
  actor: system,
  tenant: null,
  address: null,
  action,
  connection: null,
  target,
  outcome: 'failed',
  status: null,
  code: null,
  count,
  lastAt: at,
});
