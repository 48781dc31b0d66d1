import { CallError } from '../../http/call-error.ts';
import type { AwsClient } from '../client.ts';
import { isAccessDenied } from '../errors.ts';
import type { Opening } from '../problems.ts';

/** AWS's shortest session; those of the probes are dropped unread. */
const PROBE_SECONDS = 900;

type Answer = 'denied' | 'assumed' | { readonly unknown: string };

export type TrustVerdict =
  | { readonly trust: 'safe' }
  | { readonly trust: 'open'; readonly opening: Opening }
  | { readonly trust: 'unknown'; readonly why: string };

/**
 * Proves that the role can't be assumed without the right external ID, by trying to. Two probes, each on a connection
 * of its own: `StringEqualsIfExists` lets in who sends none, `StringLike "*"` who sends any, and a policy without a
 * condition both. Only AccessDenied is a denial.
 */
export async function proveTrust(
  client: AwsClient,
  role: { readonly roleArn: string; readonly sessionName: string; readonly otherExternalId: string },
  signal: AbortSignal,
): Promise<TrustVerdict> {
  const { roleArn, sessionName, otherExternalId } = role;
  const probe = async (externalId: string | undefined): Promise<Answer> => {
    try {
      await client.assumeRole({ roleArn, sessionName, externalId, durationSeconds: PROBE_SECONDS }, signal);
      return 'assumed';
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      return isAccessDenied(error.failure) ? 'denied' : { unknown: reason(error) };
    }
  };
  const [none, random] = await Promise.all([probe(undefined), probe(otherExternalId)]);
  return trustVerdict(none, random);
}

/** One probe that got in is enough, even if the other one failed. Pure. */
export function trustVerdict(none: Answer, random: Answer): TrustVerdict {
  if (none === 'assumed') return { trust: 'open', opening: 'without an external ID' };
  if (random === 'assumed') return { trust: 'open', opening: 'with any external ID' };
  const unknown = [none, random].find((answer) => typeof answer === 'object');
  return unknown ? { trust: 'unknown', why: unknown.unknown } : { trust: 'safe' };
}

function reason({ failure }: CallError): string {
  if (failure.kind === 'no_answer') return `AWS did not answer (${failure.reason}).`;
  const code = failure.kind === 'status' ? failure.body?.['code'] : failure.kind;
  return `AWS answered ${typeof code === 'string' && code !== '' ? code : 'something unexpected'}.`;
}
