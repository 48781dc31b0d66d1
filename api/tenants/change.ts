import type { Static } from 'typebox';
import { whyNotPublic } from '../../platform/web-address.ts';
import { brandingFaults, noBranding, type Branding } from '../../stores/branding.ts';
import { noQuotas, type Tenant } from '../../stores/tenants.ts';
import { apiProblems } from '../http/problem.ts';
import type { ChangeBody, CreateBody } from './schema.ts';

type Change = Omit<Static<typeof ChangeBody>, 'version'>;

interface Rules {
  /** Allows http and this machine in addresses. */
  readonly dev: boolean;
}

/** A tenant as it is asked for. Throws `invalid_request` for an address or a colour that its customers must not get. */
export function newTenant({ id: _id, displayName, ...rest }: Static<typeof CreateBody>, rules: Rules): Tenant {
  const none: Tenant = {
    displayName,
    platformRedirectUris: [],
    confirmsInvitations: true,
    branding: noBranding,
    quotas: noQuotas,
  };
  return changedTenant(none, rest, rules);
}

/** The tenant with the change merged into it (RFC 7396). Throws as above; only what the change names is checked. */
export function changedTenant(current: Tenant, change: Change, rules: Rules): Tenant {
  const { branding: brandingChange = {}, quotas: quotasChange = {}, ...rest } = change;
  const branding: Branding = { ...current.branding, ...brandingChange };
  const faults = [
    ...redirectFaults(current, change.platformRedirectUris ?? [], rules),
    ...Object.entries(brandingFaults({ ...noBranding, ...brandingChange }, rules)).map(
      ([field, fault]) => `body: "branding.${field}" ${fault}.`,
    ),
  ];
  if (faults.length > 0) throw apiProblems.invalidRequest(faults);
  const { displayName, platformRedirectUris, confirmsInvitations } = { ...current, ...rest };
  return {
    displayName,
    platformRedirectUris,
    confirmsInvitations,
    branding,
    quotas: { ...current.quotas, ...quotasChange },
  };
}

/** One that is on the list already may stay: an operator may have put it there by other means. */
function redirectFaults({ platformRedirectUris: kept }: Tenant, asked: readonly string[], rules: Rules): string[] {
  return asked
    .filter((uri) => !kept.includes(uri))
    .flatMap((uri) => {
      // RFC 6749, 3.1.2: a redirect URI has no fragment.
      const fault = uri.includes('#') ? 'must not have a fragment ("#…")' : whyNotPublic(uri, rules);
      return fault === undefined ? [] : `body: "platformRedirectUris" has ${uri}, which ${fault}.`;
    });
}
