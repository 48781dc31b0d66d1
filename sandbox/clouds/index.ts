import { awsCloud } from './aws/index.ts';
import { azureCloud } from './azure/index.ts';
import { gcpCloud } from './gcp/index.ts';
import { ovhCloud } from './ovh/index.ts';

/** Every simulated cloud, one line each. */
export const clouds = [awsCloud, azureCloud, gcpCloud, ovhCloud] as const;

type AnyCloud = (typeof clouds)[number];
export type CloudId = AnyCloud['id'];
/** The settings of each cloud, by its id. */
export type CloudSettings = { readonly [C in AnyCloud as C['id']]: C['defaults'] };

/** The environment that points Mooring at a sandbox: what a real installation's operator would set by hand. */
export const sandboxEnvironment = (url: string): Record<string, string> =>
  Object.assign({}, ...clouds.map((cloud) => cloud.environment(url.replace(/\/$/, '')))) as Record<string, string>;
