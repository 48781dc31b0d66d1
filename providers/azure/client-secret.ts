import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import type { Problem } from '../../contracts/problem.ts';
import { classified, type Classifier } from '../http/classify.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import { openRegion, parseRecord, type MethodDependencies } from '../preconditions.ts';
import type { AuthMethod, IssuedCredential } from '../provider.ts';
import { createMintToken, type MintedToken, type MintToken } from './client-secret/mint-token.ts';
import { createAzureClient, displayName, isSettling, usable, type AzureClient } from './client.ts';
import { azureClassifier } from './errors.ts';
import type { Situation } from './errors/aadsts.ts';
import { secretExpires, submissionUnusable } from './problems.ts';
import { ServicePrincipalSchema, type ServicePrincipal } from './schema.ts';

/** A new application, or a new secret, is known everywhere after seconds to a few minutes. */
const APPLICATION_PROPAGATION_SECONDS = 5 * 60;
const WARN_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;

const METHOD_ID = 'client_secret';

/** One cloud of Microsoft's, as this installation is configured for it. */
interface AzureRegion {
  readonly region: RegionSettings;
  readonly client: AzureClient;
  readonly mint: MintToken;
}

/** An application of the customer's, with a secret of its own; each access token is signed in for anew. */
export function clientSecret(deps: MethodDependencies): AuthMethod {
  const { settings, clock } = deps;

  function open(regionId: string): AzureRegion {
    const region = openRegion(settings, regionId, METHOD_ID);
    return { region, client: createAzureClient(deps, region), mint: createMintToken(deps, region) };
  }

  const classifier = ({ region }: AzureRegion, situation: Pick<Situation, 'operation' | 'isNew'>): Classifier =>
    azureClassifier({ ...situation, application: 'theirs', region: region.manifest });

  const warningsOf = ({ secret_expires_on: day }: ServicePrincipal): readonly Problem[] => {
    const left = day ? Date.parse(day) - clock.now() : NaN;
    return day && left < WARN_DAYS * DAY_MS ? [secretExpires(day, left < 0)] : [];
  };

  return {
    // The clock of propagation begins when the customer is done, not with the first answer of the cloud.
    prepare: ({ record }) =>
      Promise.resolve(
        typeof record.reveal()['granted_at'] === 'number'
          ? undefined
          : { fields: new Secret<JsonObject>({ granted_at: Math.floor(clock.now() / 1000) }), dropped: [] },
      ),

    async prove({ region, record, signal }) {
      const principal = read(record);
      const at = open(region);
      const { access_token, granted_at: grantedAt } = principal;
      const isNew = access_token === undefined && isSettling(grantedAt, APPLICATION_PROPAGATION_SECONDS, clock);
      const token = await classified(classifier(at, { operation: 'mint', isNew }), () => at.mint(principal, signal));
      const listing = await classified(classifier(at, { operation: 'prove', isNew }), () =>
        at.client.subscriptions(token.accessToken, signal),
      );
      const who = `application ${principal.client_id}`;
      const found = usable(listing.rows, { who, wanted: principal.subscription_id || undefined, grantedAt, clock });
      const warnings = warningsOf(principal);
      return {
        account: {
          id: `${principal.tenant_id}/${principal.client_id}`.toLowerCase(),
          displayName: displayName(who, found),
        },
        warnings: [...listing.warnings, ...warnings],
        issued: issued(token, warnings),
      };
    },

    async refresh({ region, record, signal }) {
      const principal = read(record);
      const at = open(region);
      const token = await classified(classifier(at, { operation: 'refresh', isNew: false }), () =>
        at.mint(principal, signal),
      );
      return issued(token, warningsOf(principal));
    },

    revoke: () =>
      Promise.resolve({
        outcome: 'unsupported',
        note: "Microsoft Entra ID has no way to revoke an application's access tokens; the last one ends by itself within about an hour. Delete the client secret under Certificates & secrets, and the role assignment, to end the access.",
      }),
  };
}

const read = (record: Secret<JsonObject>): ServicePrincipal =>
  parseRecord(ServicePrincipalSchema, record, submissionUnusable);

const issued = ({ accessToken, ttlSeconds, scope }: MintedToken, warnings: readonly Problem[]): IssuedCredential => ({
  fields: new Secret<JsonObject>({ access_token: accessToken.reveal() }),
  ttlSeconds,
  renewable: true,
  scopes: [scope],
  warnings,
});
