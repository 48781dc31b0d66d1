import type { Clock } from '../../platform/clock.ts';
import type { Secret } from '../../platform/secret.ts';
import { createBearerJson } from '../http/bearer-json.ts';
import { calling } from '../http/call-watch.ts';
import { readableRows, type ReadableRows } from '../listing/readable-rows.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import type { MethodDependencies } from '../preconditions.ts';
import { ProviderError } from '../provider.ts';
import {
  named,
  noEnabledSubscription,
  pagesElsewhere,
  subscriptionMissing,
  subscriptionNotEnabled,
} from './problems.ts';
import { SubscriptionPageSchema, SubscriptionSchema, type Subscription } from './schema.ts';

/** Far more than there are: a list of pages that leads back to itself ends too. */
const MOST_PAGES = 500;

/** Azure Resource Manager, as the bearer of an access token sees it. Throws `CallError` and {@link ProviderError}. */
export interface AzureClient {
  /** Every subscription that the token's owner has a role on, whatever its state, over all pages. */
  subscriptions(accessToken: Secret<string>, signal: AbortSignal): Promise<ReadableRows<Subscription>>;
}

export function createAzureClient(
  deps: Pick<MethodDependencies, 'http' | 'clock'>,
  region: RegionSettings,
): AzureClient {
  const api = (region.urls['api'] ?? '').replace(/\/$/, '');

  const get = createBearerJson(deps);

  return {
    async subscriptions(accessToken, signal) {
      const listed: unknown[] = [];
      const found = () => readableRows(SubscriptionSchema, listed, { cloud: 'Microsoft Azure', what: 'subscriptions' });
      let url = `${api}/subscriptions?api-version=2022-12-01`;
      for (let pages = 0; pages < MOST_PAGES; pages += 1) {
        const here = url;
        const { value, nextLink } = await calling('subscriptions.list', () =>
          get(here, SubscriptionPageSchema, accessToken, signal),
        );
        listed.push(...value);
        if (!nextLink) return found();
        // The token goes with the next request: it must go to Azure only.
        if (URL.parse(nextLink)?.origin !== URL.parse(api)?.origin) {
          const problem = pagesElsewhere(nextLink, region.manifest);
          throw new ProviderError({ class: 'config', problem, delivery: 'answered' });
        }
        url = nextLink;
      }
      return found();
    },
  };
}

/** Microsoft's own figure for a new role assignment; most work within three minutes. */
const ROLE_PROPAGATION_SECONDS = 30 * 60;

/** Whether something that was given then may still be on its way; where the time is not known, it may. */
export function isSettling(grantedAt: number | undefined, seconds: number, clock: Clock): boolean {
  return grantedAt === undefined || clock.now() / 1000 < grantedAt + seconds;
}

/**
 * The subscriptions that can be used; the one that was named is among them. Throws {@link ProviderError}: of class
 * `transient` for as long as a role that was assigned just now may take to work, of class `user` after that.
 */
export function usable(
  listed: readonly Subscription[],
  given: { who: string; wanted: string | undefined; grantedAt: number | undefined; clock: Clock },
): readonly Subscription[] {
  const { who, wanted, grantedAt, clock } = given;
  const waiting = isSettling(grantedAt, ROLE_PROPAGATION_SECONDS, clock);
  const absent = (problem: ProviderError['problem']) =>
    new ProviderError({ class: waiting ? 'transient' : 'user', problem, delivery: 'answered' });

  const asked = listed.find(({ subscriptionId }) => subscriptionId.toLowerCase() === wanted?.toLowerCase());
  if (asked && !isEnabled(asked)) {
    throw new ProviderError({ class: 'user', problem: subscriptionNotEnabled(asked), delivery: 'answered' });
  }
  const enabled = listed.filter(isEnabled);
  if (enabled.length === 0) throw absent(noEnabledSubscription(who, listed, waiting));
  if (wanted !== undefined && !asked) throw absent(subscriptionMissing(wanted, who, enabled, waiting));
  return asked ? [asked, ...enabled.filter((other) => other !== asked)] : enabled;
}

const isEnabled = ({ state }: Subscription): boolean => state === 'Enabled';

/** Whose account it is, for people: who, and what they reach. */
export const displayName = (who: string, subscriptions: readonly Subscription[]): string =>
  `${who}: ${named(subscriptions)}`;
