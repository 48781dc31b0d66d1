import type { NotReady } from '../../providers/manifests/settings.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../stores/ephemeral/port.ts';
import { createProviderReports, type ProviderReport } from '../../stores/provider-reports.ts';
import { ApiProblem, apiProblems } from '../http/problem.ts';
import type { MethodOption } from './provider-catalog.ts';

/** 192 random bits, in an alphabet that fits into policies and addresses as it is. */
const MINTED_BYTES = 24;

type Setup = Readonly<Record<string, string>>;
type Ephemeral = Pick<EphemeralStore, 'get' | 'put'>;

/** Undefined while no worker has reported, or the ephemeral store does not answer. */
async function reportOf(ephemeral: Ephemeral, option: MethodOption): Promise<ProviderReport | undefined> {
  const { manifest, region } = option;
  try {
    return await createProviderReports({ ephemeral }).read(manifest.id, region.manifest.id);
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    return undefined;
  }
}

/**
 * What the workers are missing for a method, which only they know. Undefined also where nothing is known: what is asked
 * for then waits for a worker.
 */
export const missingAtWorkers = async (ephemeral: Ephemeral, option: MethodOption): Promise<NotReady | undefined> =>
  (await reportOf(ephemeral, option))?.notReady[option.method.id];

/** Our own identity at the cloud, if the method needs it, or why it is not known. */
export type OwnIdentity =
  { readonly known: true; readonly identity: Setup } | { readonly known: false; readonly missing: NotReady };

/** Only a worker has our cloud credentials: it reports the identity. */
export async function ownIdentity(ephemeral: Ephemeral, option: MethodOption): Promise<OwnIdentity> {
  const { region, method } = option;
  const wanted = method.identity ?? [];
  if (wanted.length === 0) return { known: true, identity: {} };
  const reported = (await reportOf(ephemeral, option))?.identity;
  if (reported?.outcome === 'known' && wanted.every((name) => name in reported.identity)) {
    return { known: true, identity: reported.identity };
  }
  const problem = reported?.outcome === 'problem' ? reported.problem : unreported(option);
  const variables = method.requires.map((role) => region.manifest.settings[role]?.names[0] ?? role);
  return { known: false, missing: { ...problem, variables } };
}

/**
 * What the customer needs to grant access: our own identity, and the values generated for this connection (`minted` in
 * the manifest). Throws `ApiProblem` before anything is started.
 */
export async function connectionSetup(
  deps: { readonly ephemeral: Ephemeral; readonly randomBytes: (size: number) => Buffer },
  option: MethodOption,
): Promise<Setup> {
  const missing = await missingAtWorkers(deps.ephemeral, option);
  if (missing) throw apiProblems.notReady(missing);
  const own = await ownIdentity(deps.ephemeral, option);
  if (!own.known) throw identityUnknown(own.missing);
  const minted = option.method.flow === 'form' ? option.method.minted : [];
  const values = minted.map((name) => [name, deps.randomBytes(MINTED_BYTES).toString('base64url')]);
  return { ...own.identity, ...Object.fromEntries(values) };
}

const identityUnknown = ({ code, message, remedy, variables }: NotReady): ApiProblem =>
  new ApiProblem({ status: 503, code, message, remedy, details: { variables, retryAfterSeconds: 60 } });

const unreported = ({ manifest, region }: MethodOption) => ({
  code: 'identity_unknown',
  message: `Mooring's own identity at ${manifest.name} (${region.manifest.id}) is not known: no worker has reported it lately.`,
  remedy: 'Check that a worker runs and reaches the ephemeral store; it tells once a minute. Then try again.',
});
