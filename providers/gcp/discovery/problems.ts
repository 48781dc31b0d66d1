import type { Problem } from '../../../contracts/problem.ts';
import type { Asked } from './failures.ts';
import type { Refusal } from './refusal.ts';

const inProject = ({ project }: Asked): string => (project === null ? '' : ` in the project ${project}`);

export function listDenied({ permission, said }: Refusal, asked: Asked): Problem {
  const { service, grant, project, serviceAccount, console } = asked;
  const member = serviceAccount === null ? 'user:EMAIL' : `serviceAccount:${serviceAccount}`;
  const role = /\((roles\/[\w.]+)\)/.exec(grant)?.[1];
  const command =
    project === null || role === undefined
      ? ''
      : ` gcloud projects add-iam-policy-binding ${project} --member="${member}" --role=${role}`;
  return {
    code: 'list_denied',
    message: `${service} did not let this account list resources${inProject(asked)}: ${permission === null ? `"${said}"` : `the permission ${permission} is missing`}.`,
    remedy: `Grant ${grant}.${command}`,
    link: `${console}/iam-admin/iam${project === null ? '' : `?project=${encodeURIComponent(project)}`}`,
  };
}

export const notByThisSignIn = ({ service }: Asked): Problem => ({
  code: 'sign_in_cannot_list',
  message: `The access that was granted does not include ${service}: the sign-in asked for less, or its box on the consent page was not ticked.`,
  remedy:
    'Sign in again and tick every box. The read-only sign-in cannot list databases and functions: connect with the other sign-in or with a service account for those.',
});

/** Whose project it is decides who can enable it. */
export function apiDisabled({ consumer, service: named }: Refusal, asked: Asked): Problem {
  const { service, api, console } = asked;
  const name = named ?? api;
  const where = consumer === null ? '' : ` in the project ${consumer}`;
  return {
    code: 'api_disabled',
    message: `${service} (${name}) is not enabled${where}, so it cannot be asked${inProject(asked)}.`,
    remedy: `Enable it at the link, or with: gcloud services enable ${name}${consumer === null ? '' : ` --project=${consumer}`}. That takes some minutes to be known everywhere.`,
    link: `${console}/apis/library/${name}${consumer === null ? '' : `?project=${consumer}`}`,
  };
}

export const quotaProjectDenied = ({ consumer }: Refusal, asked: Asked): Problem => ({
  code: 'quota_project_denied',
  message: `This account may not let calls of ${asked.service} be counted for the project ${consumer ?? 'that was named'}.`,
  remedy:
    'Grant Service Usage Consumer (roles/serviceusage.serviceUsageConsumer) on that project, or enable the API in the project that calls are counted for otherwise.',
});

export const deniedByPolicy = ({ said }: Refusal, asked: Asked): Problem => ({
  code: 'denied_by_policy',
  message: `A policy of the organisation keeps ${asked.service} from being listed${inProject(asked)}: "${said}".`,
  remedy: 'An administrator of the organisation lets Mooring in (VPC Service Controls, organisation policies).',
});

export const tokenRefused = ({ said }: Refusal, { service }: Asked): Problem => ({
  code: 'credential_rejected',
  message: `${service} does not accept the access token: "${said}". It has expired, or the access was withdrawn.`,
  remedy: 'Re-authorise the connection: POST /v1/connections/{id}/reauthorize, then open the new link.',
});

export const notFound = ({ said }: Refusal, asked: Asked): Problem => ({
  code: 'resource_not_found',
  message: `${asked.service} does not know what was asked for${inProject(asked)}: "${said}".`,
  remedy: 'If the project was deleted, the next discovery leaves it out by itself.',
});

export const callRefused = ({ said, status }: Refusal, asked: Asked): Problem => ({
  code: 'call_refused',
  message: `${asked.service} refused the call${inProject(asked)} with HTTP ${status}: "${said}".`,
  remedy: 'Check the configured URLs. If they are right, report it: Google may have changed its API.',
});

/** Some places refuse everybody who has not asked Google for them, whatever their roles say. */
export const locationRefused = (location: string, said: string, { service }: Asked): Problem => ({
  code: 'location_refused',
  message: `${service} refused the location ${location} alone: "${said}".`,
  remedy:
    'Nothing to do where nothing is kept there. The other locations are complete; what was found in this one before is kept.',
});

export const assetNotUsed = (problem: Problem): Problem => ({
  ...problem,
  code: `asset_${problem.code}`,
  message: `Resources are listed service by service, which takes more calls. ${problem.message}`,
});

export const projectHidden = (project: string, said: string, console: string): Problem => ({
  code: 'project_hidden',
  message: `The project ${project} is no longer listed, and Google does not say whether it exists: "${said}". It answers the same for a project that is gone and for one that this account may not see any more.`,
  remedy: `If it exists, grant Browser (roles/browser) on it; if not, disconnect and connect again. Until then its resources are kept as they were.`,
  link: `${console}/iam-admin/iam?project=${encodeURIComponent(project)}`,
});

export const projectInvalid = (project: string | null): Problem => ({
  code: 'project_invalid',
  message: `"${project ?? ''}" is not the id of a Google Cloud project.`,
  remedy: 'Use the id as the list of projects gives it, e.g. my-project-123.',
});
