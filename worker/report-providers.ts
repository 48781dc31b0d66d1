import { ProviderError, type Provider } from '../providers/provider.ts';
import { missingFor, type ProviderSettings, type RegionSettings } from '../providers/manifests/settings.ts';
import type { Logger } from '../platform/logger.ts';
import type { ProviderReport, ProviderReports } from '../stores/provider-reports.ts';
import { problems } from '../contracts/problem.ts';

/**
 * Reports of every region which methods lack a setting here, and Mooring's own identity at the cloud, for the API. Never
 * rejects: a problem is reported in place of the identity, and logged when it is new.
 */
export function createProviderReporter(deps: {
  readonly providers: ReadonlyMap<string, Pick<Provider, 'identity'>>;
  readonly settings: readonly ProviderSettings[];
  readonly reports: Pick<ProviderReports, 'publish'>;
  readonly logger: Logger;
}): () => Promise<void> {
  const { providers, settings, reports, logger } = deps;
  const lastOutcome = new Map<string, string>();

  const identityAt = async (of: ProviderSettings, region: RegionSettings): Promise<ProviderReport['identity']> => {
    const { id, methods } = of.manifest;
    const provider = providers.get(id);
    if (!provider?.identity || methods.every((method) => missingFor(of, region, method))) return null;
    const regionId = region.manifest.id;
    const answer = await answerOf(provider.identity.bind(provider), regionId);
    const news = answer.outcome === 'problem' ? answer.problem.code : 'known';
    const place = `${id}/${regionId}`;
    if (news !== lastOutcome.get(place) && answer.outcome === 'problem') {
      logger.warn(
        { provider: id, region: regionId, problem: answer.problem },
        'Our own identity at a cloud could not be read.',
      );
    }
    lastOutcome.set(place, news);
    return answer;
  };

  const report = async (of: ProviderSettings, region: RegionSettings): Promise<void> => {
    const { id, methods } = of.manifest;
    const identity = await identityAt(of, region);
    const notReady = Object.fromEntries(
      methods.flatMap((method) => {
        const missing = missingFor(of, region, method);
        if (!missing) return [];
        const reported = { ...missing, variables: [...missing.variables] };
        return [[method.id, reported] as const];
      }),
    );
    try {
      await reports.publish(id, region.manifest.id, { notReady, identity });
    } catch (error) {
      logger.warn({ err: error, provider: id, region: region.manifest.id }, 'A cloud could not be reported on.');
    }
  };

  return async () => {
    await Promise.all(
      settings.flatMap((of) => [...of.regions.values()].map(async (region) => await report(of, region))),
    );
  };
}

async function answerOf(
  ask: NonNullable<Provider['identity']>,
  region: string,
): Promise<NonNullable<ProviderReport['identity']>> {
  try {
    return { outcome: 'known', identity: { ...(await ask(region)) } };
  } catch (error) {
    const { code, message, remedy } = error instanceof ProviderError ? error.problem : problems.internal;
    return { outcome: 'problem', problem: { code, message, remedy } };
  }
}
