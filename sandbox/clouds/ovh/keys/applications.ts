import { ovhAccounts } from '../accounts.ts';
import type { OvhContext } from '../context.ts';
import { ovhRegions } from '../regions.ts';

/** What signs requests (application key and secret); it belongs to nobody, its consumer keys do. */
export interface Application {
  readonly key: string;
  readonly secret: string;
  readonly region: string;
}

export interface Applications {
  find(region: string, key: string): Application | undefined;
  create(region: string): Application;
  list(): Application[];
}

/** One for each region that is there from the start; its consumer key may do everything in Ada's name. */
export const readyApplications = ovhRegions.map(({ id, short }) => ({
  key: `sandbox-${short}-7c8d9e0f`,
  secret: `sandbox-${short}-key-secret`,
  region: id,
  consumerKey: `sandbox-${short}-consumer-key`,
  account: ovhAccounts[0].nichandle,
}));

export function createApplications({ tables, random }: OvhContext): Applications {
  const rows = tables.table<Application>('ovh.applications');
  return {
    find: (region, key) =>
      [...readyApplications, ...rows.values()].find((one) => one.key === key && one.region === region),
    create(region) {
      const application = { key: `ovh-ak-${random(12)}`, secret: `ovh-as-${random(24)}`, region };
      rows.put(application.key, application);
      return application;
    },
    list: () => [...readyApplications, ...rows.values()],
  };
}
