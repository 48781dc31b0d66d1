import { describe, inject } from 'vitest';
import { sqliteTroubles, startOnSqlite } from './support/sqlite-store.ts';
import { describeStoreGuarantees } from './support/store-guarantees.ts';

describe.skipIf(inject('components').temporal === null)('refreshes while the embedded secret store misbehaves', () => {
  describeStoreGuarantees(startOnSqlite, sqliteTroubles);
});
