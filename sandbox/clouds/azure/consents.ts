import type { Tables } from '../../core/tables.ts';
import type { AzureCloud } from './clouds.ts';
import { findTenant } from './directory.ts';

/** Which directories' administrators have allowed Mooring's application for everybody there. */
export interface Consents {
  covers(cloud: AzureCloud, tenantId: string): boolean;
  give(cloud: AzureCloud, tenantId: string): void;
}

export function createConsents(tables: Tables): Consents {
  const rows = tables.table<{ readonly given: true }>('azure.consents');
  const key = (cloud: AzureCloud, tenantId: string) => `${cloud.id}/${tenantId}`;
  return {
    covers: (cloud, tenantId) =>
      findTenant(tenantId)?.needsAdminConsent === false || rows.get(key(cloud, tenantId)) !== undefined,
    give: (cloud, tenantId) => rows.put(key(cloud, tenantId), { given: true }),
  };
}
