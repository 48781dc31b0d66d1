import type { NotReady } from '../../providers/manifests/settings.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { createProviderIdentities } from '../../stores/provider-identities.ts';
import { ApiProblem } from '../http/problem.ts';
import type { MethodOption } from './provider-catalog.ts';

/** 192 random bits, in an alphabet that fits into policies and addresses as it is. */
const MINTED_BYTES = 24;

type Setup = Readonly<Record<string, string>>;

/** Our own identity at the cloud, if the method needs it, or why it is not known. */
export type OwnIdentity =
  | { readonly known: true; readonly identity: Setup }
  | { readonly known: false; readonly missing: NotReady | Unpublished };

/** Only a worker has our cloud credentials, so the identity is unknown until a worker has published it. */
interface Unpublished extends Omit<NotReady, 'code'> {
  readonly code: string;
}

/** Rejects as the ephemeral store does. */
export async function ownIdentity(
  ephemeral: Pick<EphemeralStore, 'get' | 'put'>,
  option: MethodOption,
): Promise<OwnIdentity> {
  const { manifest, region, method } = option;
  const wanted = method.identity ?? [];
  if (wanted.length === 0) return { known: true, identity: {} };
  const published = await createProviderIdentities({ ephemeral }).read(manifest.id, region.manifest.id);
  if (published?.outcome === 'known' && wanted.every((name) => name in published.identity)) {
    return { known: true, identity: published.identity };
  }
  const problem = published?.outcome === 'problem' ? published.problem : unpublished(option);
  const variables = method.requires.map((role) => region.manifest.settings[role]?.names[0] ?? role);
  return { known: false, missing: { ...problem, variables } };
}

/**
 * What the customer needs to grant access: our own identity, and the values generated for this connection (`minted` in
 * the manifest). Throws `ApiProblem` before anything is started.
 */
export async function connectionSetup(
  deps: {
    readonly ephemeral: Pick<EphemeralStore, 'get' | 'put'>;
    readonly randomBytes: (size: number) => Buffer;
  },
  option: MethodOption,
): Promise<Setup> {
  const own = await ownIdentity(deps.ephemeral, option);
  if (!own.known) throw identityUnknown(own.missing);
  const minted = option.method.flow === 'form' ? option.method.minted : [];
  const values = minted.map((name) => [name, deps.randomBytes(MINTED_BYTES).toString('base64url')]);
  return { ...own.identity, ...Object.fromEntries(values) };
}

const identityUnknown = ({ code, message, remedy, variables }: Unpublished): ApiProblem =>
  new ApiProblem({ status: 503, code, message, remedy, details: { variables, retryAfterSeconds: 60 } });

const unpublished = ({ manifest, region }: MethodOption) => ({
  code: 'identity_unknown',
  message: `Mooring's own identity at ${manifest.name} (${region.manifest.id}) is not known: no worker has reported it lately.`,
  remedy: 'Check that a worker runs and reaches the ephemeral store; it tells once a minute. Then try again.',
});
