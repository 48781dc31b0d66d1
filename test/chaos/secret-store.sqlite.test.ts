import { describe, inject } from 'vitest';
import { temporaryFolder } from '../contract/temporary-folder.ts';
import { sqliteTroubles, startOnSqlite } from './support/sqlite-store.ts';
import { describeStoreGuarantees } from './support/store-guarantees.ts';

describe.skipIf(inject('components').temporal === null)('refreshes while the embedded secret store misbehaves', () => {
  describeStoreGuarantees(async () => await startOnSqlite(await temporaryFolder()), sqliteTroubles);
});
