import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSqliteAuditStore } from '../../stores/audit/sqlite.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { auditStoreContract } from './audit-store.contract.ts';

const openStore = () => createSqliteAuditStore({ path: join(temporaryFolder(), 'audit.db') });

describe('the audit store on SQLite', () => {
  auditStoreContract(async () => openStore());

  it('the audit store on SQLite is unavailable, with the reason, once it is closed', async () => {
    const store = openStore();
    await store.close();
    await expect(store.last('tenant/a')).rejects.toThrow(EphemeralStoreUnavailable);
    await expect(store.append('tenant/a', null, [], { lines: 1, fromMs: 0 })).rejects.toThrow(/can't serve: \w+/);
  });
});
