import type { Clock } from '../../platform/clock.ts';
import type { Secret } from '../../platform/secret.ts';
import { createBearerJson } from '../http/bearer-json.ts';
import type { Http } from '../http/http.ts';
import { ProviderError } from '../provider.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import { pagesElsewhere } from './problems.ts';
import { SubscriptionPageSchema, type Subscription } from './schema.ts';

/** Far more than there are: a list that leads round in circles ends too. */
const MOST_PAGES = 500;

/** Azure Resource Manager, in the name of whoever a token is of. Throws `CallError` and {@link ProviderError}. */
export interface AzureClient {
  /** Every subscription that the token's owner has a role on, whatever its state, over all pages. */
  subscriptions(accessToken: Secret<string>, signal: AbortSignal): Promise<readonly Subscription[]>;
}

export function createAzureClient(deps: { region: RegionSettings; http: Http; clock: Clock }): AzureClient {
  const { region } = deps;
  const api = (region.urls['api'] ?? '').replace(/\/$/, '');

  const get = createBearerJson(deps);

  return {
    async subscriptions(accessToken, signal) {
      const found: Subscription[] = [];
      let url = `${api}/subscriptions?api-version=2022-12-01`;
      for (let pages = 0; pages < MOST_PAGES; pages += 1) {
        const { value, nextLink } = await get(url, SubscriptionPageSchema, accessToken, signal);
        found.push(...value);
        if (!nextLink) return found;
        // The token goes with the next request: it is shown to nobody but whom it is meant for.
        if (URL.parse(nextLink)?.origin !== URL.parse(api)?.origin) {
          const problem = pagesElsewhere(nextLink, region.manifest);
          throw new ProviderError({ class: 'config', problem, delivery: 'answered' });
        }
        url = nextLink;
      }
      return found;
    },
  };
}
