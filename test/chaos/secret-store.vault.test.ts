import { describe, inject } from 'vitest';
import { describeStoreGuarantees } from './support/store-guarantees.ts';
import { startOnVault, vaultTroubles } from './support/vault-store.ts';

const { temporal, vault } = inject('components');

describe.skipIf(temporal === null || vault === null)('refreshes while Vault misbehaves', () => {
  const start = async () => {
    if (vault === null) throw new Error('This suite needs Vault.');
    return await startOnVault(vault);
  };
  describeStoreGuarantees(start, vaultTroubles);
});
