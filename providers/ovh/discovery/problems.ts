import type { Problem } from '../../../contracts/problem.ts';
import type { RegionManifest } from '../../manifests/types.ts';

export const LIST_DENIED = 'list_denied';
export const RESOURCE_NOT_FOUND = 'resource_not_found';

const AGAIN = 'It is tried again by itself.';

export const listDenied = (of: { asked: string; said: string; actions: string; grant: string }): Problem => ({
  code: LIST_DENIED,
  message: `OVHcloud refused ${of.asked}: "${of.said}".${of.actions && ` Missing IAM permissions: ${of.actions}.`}`,
  remedy: `The rest of the account is listed all the same. To list this too, one of these:\n${of.grant}`,
});

export const notFound = (said: string): Problem => ({
  code: RESOURCE_NOT_FOUND,
  message: `OVHcloud does not know what was asked for: "${said}".`,
  remedy: 'If the project was deleted or moved to another account, the next discovery leaves it out by itself.',
});

export const signatureRefused = (said: string): Problem => ({
  code: 'credential_rejected',
  message: `OVHcloud does not accept the signature of the call: "${said}". The application secret is wrong.`,
  remedy: 'Submit the application key, its secret and the consumer key again; all three belong together.',
});

export const clientRefused = (error: string, description: string | null): Problem => ({
  code: 'credential_rejected',
  message: `OVHcloud does not accept the service account: ${error}${description === null ? '' : ` ("${description}")`}.`,
  remedy: 'Submit the client ID and client secret of the service account again.',
});

export const callRefused = (of: { asked: string; said: string; status: number; passes: boolean }): Problem => ({
  code: 'call_refused',
  message: `OVHcloud refused ${of.asked} (HTTP ${of.status}): "${of.said}".`,
  remedy: of.passes
    ? `${AGAIN} If it persists, give OVHcloud support this message.`
    : 'Look at the project or the service in the OVHcloud control panel; if nothing is wrong there, give OVHcloud support this message.',
});

/** The credential is good: OVHcloud itself says so to the account's own call. */
export const callUnauthorized = (said: Problem): Problem => ({
  code: 'call_unauthorized',
  message: `OVHcloud refused one call as if the credential had ended, and accepts the same credential for the account's own call. ${said.message}`,
  remedy: `${AGAIN} If it persists, give OVHcloud support this message.`,
});

export const answerUnexpected = (asked: string, status: number): Problem => ({
  code: 'cloud_answer_unexpected',
  message: `OVHcloud answered ${asked} with success (HTTP ${status}), but not with what was asked for.`,
  remedy: `${AGAIN} What was listed before stays. If it persists, give OVHcloud support this message.`,
});

/** Where the program asked, which does not say what it asked for. */
export const answerUnreadable = (reason: string): Problem => ({
  code: 'cloud_answer_unexpected',
  message: `OVHcloud answered with success, but not with what was asked for; ovhcloud says: "${reason}".`,
  remedy: `${AGAIN} What was listed before stays. If it persists, give OVHcloud support this message.`,
});

export const redirected = (asked: string, status: number, region: RegionManifest): Problem => ({
  code: 'cloud_redirected',
  message: `${asked} was answered with a redirect (HTTP ${status}). It was not followed, because the credential would go with it.`,
  remedy: `${AGAIN} If it persists, check ${region.urls['api']?.variable ?? 'the configured API address'}, and any proxy before it.`,
});

export const regionUnavailable = (region: string, status: string): Problem => ({
  code: 'region_unavailable',
  message: `The object storage of ${region} does not answer at the moment: OVHcloud says its status is "${status}".`,
  remedy: `Nothing to do: its buckets stay as they were listed last, and it is asked again with the next discovery.`,
});

export const pagesWithoutEnd = (path: string): Problem => ({
  code: 'pages_without_end',
  message: `OVHcloud named a page of GET ${path} twice as the next one, or named too many. The list was ended there.`,
  remedy: `${AGAIN} What was listed before stays. If it persists, give OVHcloud support this message.`,
});

export const rowUnreadable = (path: string): Problem => ({
  code: 'row_unreadable',
  message: `${path} has no shape that Mooring knows.`,
  remedy: 'The rest of the list is kept. Report it with the kind of resource: OVHcloud may have changed its API.',
});

/** For the operator: the program can't be told to wait. */
export const programPaused: Problem = {
  code: 'ovhcloud_paused',
  message:
    'OVHcloud asks for fewer requests of this connection, and ovhcloud can wait for nothing: what was refused to it was listed over the REST API, at the pace that OVHcloud asks for.',
  remedy: 'Nothing to do. The next list is made by the program again.',
};
