import type { Reply } from '../../core/cloud.ts';
import type { FaultAction } from '../../core/faults.ts';
import { apiErrors } from './api-errors.ts';

const failing = ({ status, body }: Reply): FaultAction => ({ kind: 'respond', status, body });

/** OVHcloud's own failures, to be put into a fault rule. */
export const ovhFailures = {
  notSignedIn: failing(apiErrors.notSignedIn),
  invalidCredential: failing(apiErrors.invalidCredential),
  /** 403 of IAM, naming the actions that are missing, e.g. `publicCloudProject:apiovh:instance/get`. */
  notGranted: (...actions: [string, ...string[]]) => failing(apiErrors.notGranted(actions)),
  tooManyRequests: failing(apiErrors.tooManyRequests),
  internal: failing(apiErrors.internal),
} as const;
