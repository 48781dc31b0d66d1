import { ok, type ApiRoute } from './api-route.ts';

/** Who is calling. No permission is needed to ask. */
export const identityRoutes: readonly ApiRoute[] = [
  {
    path: /^\/1\.0\/auth\/details$/,
    endpoint: 'auth.details',
    handle: ({ caller: { account, method, identity }, region }) =>
      ok({
        account: account.nichandle,
        allowedRoutes: null,
        description: '',
        identities: [`urn:v1:${region.short}:identity:${identity}`],
        method,
        roles: [],
        user: null,
      }),
  },
  {
    path: /^\/1\.0\/me\/?$/,
    endpoint: 'me',
    handle({ caller, region }) {
      const { nichandle, ...person } = caller.account;
      return ok({
        nichandle,
        customerCode: nichandle.replace(/\D/g, ''),
        ...person,
        ovhCompany: 'ovh',
        ovhSubsidiary: region.short.toUpperCase(),
        language: 'en_GB',
        currency: { code: 'EUR', symbol: '€' },
        state: 'complete',
        kycValidated: true,
      });
    },
  },
];
