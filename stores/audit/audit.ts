import type { Clock } from '../../platform/clock.ts';
import type { KeyRing } from '../../platform/key-ring.ts';
import type { Logger } from '../../platform/logger.ts';
import { createChains, type Retention } from './chain.ts';
import type { AuditStore } from './port.ts';
import { createAuditReader, type AuditReader } from './reader.ts';
import { createAuditRecorder, type AuditRecorder, type Later } from './recorder.ts';

/** The audit record: who did what, to which connection, with what outcome. See docs/production.md. */
export interface Audit extends AuditReader {
  readonly recorder: AuditRecorder;
  /** How often this process found a chain broken while it appended to it. */
  readonly broken: number;
}

export function createAudit(deps: {
  readonly store: AuditStore;
  readonly keyRing: KeyRing;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retention: Retention;
  readonly later?: Later;
}): Audit {
  const chains = createChains(deps);
  return {
    ...createAuditReader({ ...deps, chains }),
    recorder: createAuditRecorder({ ...deps, chains }),
    get broken() {
      return chains.broken;
    },
  };
}
