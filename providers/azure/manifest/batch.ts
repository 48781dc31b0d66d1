import type { BatchManifest } from '../../manifests/batch.ts';

/** The subscriptions that one service principal reaches, each as a connection of its own. */
export const servicePrincipalBatch: BatchManifest = {
  label: 'subscription_id',
  short: {
    each: {
      name: 'subscriptionIds',
      label: 'subscription ids',
      pattern: '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}',
    },
    once: [],
    makes: { subscription_id: '{subscriptionIds}' },
  },
};
