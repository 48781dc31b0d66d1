import { awsCloud } from './aws/index.ts';
import { azureCloud } from './azure/index.ts';
import { gcpCloud } from './gcp/index.ts';
import { ovhCloud } from './ovh/index.ts';

/** Every simulated cloud, one line each. */
export const clouds = [awsCloud, azureCloud, gcpCloud, ovhCloud] as const;

/** The environment that points Mooring at a sandbox: what a real installation's operator would set by hand. */
export const sandboxEnvironment = (url: string): Record<string, string> =>
  Object.assign({}, ...clouds.map((cloud) => cloud.environment(url.replace(/\/$/, '')))) as Record<string, string>;
