import type { Reply } from '../../core/cloud.ts';

/** A refusal as Google's APIs word it (google.rpc.Status). */
export function failure(
  code: number,
  status: string,
  message: string,
  reason?: string,
  metadata: Readonly<Record<string, string>> = {},
): Reply {
  const type = 'type.googleapis.com/google.rpc.ErrorInfo';
  const details =
    reason === undefined ? {} : { details: [{ '@type': type, reason, domain: 'googleapis.com', metadata }] };
  return { status: code, body: { error: { code, message, status, ...details } } };
}

/** The form of older APIs, which has no details. */
const olderFailure = (code: number, message: string, reason: string): Reply => ({
  status: code,
  body: { error: { code, message, errors: [{ message, domain: 'global', reason }] } },
});

export const unauthenticated = failure(
  401,
  'UNAUTHENTICATED',
  'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
);

export const scopeInsufficient = (service: string, method: string): Reply =>
  failure(
    403,
    'PERMISSION_DENIED',
    'Request had insufficient authentication scopes.',
    'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
    { service, method },
  );

export function serviceDisabled(service: string, projectNumber: string): Reply {
  const text = `${service} has not been used in project ${projectNumber} before or it is disabled.`;
  const metadata = { service, consumer: `projects/${projectNumber}` };
  return failure(403, 'PERMISSION_DENIED', text, 'SERVICE_DISABLED', metadata);
}

export const userProjectDenied = (service: string, project: string): Reply =>
  failure(
    403,
    'PERMISSION_DENIED',
    `Caller does not have required permission to use project ${project}. Grant the caller the roles/serviceusage.serviceUsageConsumer role, or a custom role with the serviceusage.services.use permission.`,
    'USER_PROJECT_DENIED',
    { service, consumer: `projects/${project}` },
  );

/** Each service has its own words for a right that is missing, and not every one names it. */
export function permissionDenied(service: string, permission: string, resource: string): Reply {
  switch (service) {
    case 'compute.googleapis.com':
      return olderFailure(403, `Required '${permission}' permission for '${resource}'`, 'forbidden');
    case 'storage.googleapis.com': {
      const text = `The caller does not have ${permission} access to the Google Cloud project.`;
      return olderFailure(
        403,
        `${text} Permission '${permission}' denied on resource (or it may not exist).`,
        'forbidden',
      );
    }
    case 'sqladmin.googleapis.com':
      return olderFailure(403, 'The client is not authorized to make this request.', 'notAuthorized');
    default: {
      const text = `Permission '${permission}' denied on resource '//${service}/${resource}' (or it may not exist).`;
      return failure(403, 'PERMISSION_DENIED', text, 'IAM_PERMISSION_DENIED', { permission, resource });
    }
  }
}

export const notFound = (resource: string): Reply => failure(404, 'NOT_FOUND', `Resource '${resource}' was not found.`);

export const invalidArgument = (message: string): Reply => failure(400, 'INVALID_ARGUMENT', message);
