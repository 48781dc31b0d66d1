import { ProviderError, type Provider } from '../providers/provider.ts';
import { missingFor, type ProviderSettings } from '../providers/manifests/settings.ts';
import type { Logger } from '../platform/logger.ts';
import type { ProviderIdentities, ProviderIdentity } from '../stores/provider-identities.ts';
import { problems } from '../contracts/problem.ts';

/**
 * Asks every configured cloud for Mooring's own identity, and publishes the answers for the API. Never rejects: a
 * problem is published in place of the identity, and logged when it is new.
 */
export function createIdentityPublisher(deps: {
  readonly providers: ReadonlyMap<string, Pick<Provider, 'identity'>>;
  readonly settings: readonly ProviderSettings[];
  readonly identities: Pick<ProviderIdentities, 'publish'>;
  readonly logger: Logger;
}): () => Promise<void> {
  const { providers, settings, identities, logger } = deps;
  const lastOutcome = new Map<string, string>();

  const publish = async (provider: string, region: string, ask: NonNullable<Provider['identity']>): Promise<void> => {
    const answer = await answerOf(ask, region);
    const news = answer.outcome === 'problem' ? answer.problem.code : 'known';
    const place = `${provider}/${region}`;
    if (news !== lastOutcome.get(place) && answer.outcome === 'problem') {
      logger.warn({ provider, region, problem: answer.problem }, 'Our own identity at a cloud could not be read.');
    }
    lastOutcome.set(place, news);
    try {
      await identities.publish(provider, region, answer);
    } catch (error) {
      logger.warn({ err: error, provider, region }, 'Our own identity at a cloud could not be published.');
    }
  };

  return async () => {
    const asked = settings.flatMap((each) => {
      const { id, methods } = each.manifest;
      const provider = providers.get(id);
      if (!provider?.identity) return [];
      const ask = provider.identity.bind(provider);
      return [...each.regions.values()]
        .filter((region) => methods.some((method) => !missingFor(each, region, method)))
        .map(async (region) => await publish(id, region.manifest.id, ask));
    });
    await Promise.all(asked);
  };
}

async function answerOf(ask: NonNullable<Provider['identity']>, region: string): Promise<ProviderIdentity> {
  try {
    return { outcome: 'known', identity: await ask(region) };
  } catch (error) {
    const { code, message, remedy } = error instanceof ProviderError ? error.problem : problems.internal;
    return { outcome: 'problem', problem: { code, message, remedy } };
  }
}
