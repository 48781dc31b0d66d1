import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

import { STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';

import { CallError } from '../http/call-error.ts';
import { isLoopbackHttp } from '../http/http.ts';
import { isOn, type RegionSettings } from '../manifests/settings.ts';
import { notConfigured } from '../http/unsent.ts';
import { credentialsMissing } from './variables.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The SDK's default chain is what stands behind `undefined`. */
export type WorkloadCredentials = (() => Promise<Credentials>) | undefined;

/**
 * Makes an SDK client for one call in one partition. A connection to STS that is kept alive can go on seeing an old
 * trust policy for minutes while a new one sees the change in seconds (aws-sdk-java#1183, aws-sdk-java-v2#4199), so
 * each client has connections of its own and keeps none. `maxAttempts` 1: retries belong to the workflow.
 */
export function createStsFactory({ region, workload }: { region: RegionSettings; workload: WorkloadCredentials }) {
  return (credentials?: Credentials): STSClient => {
    const stsRegion = region.values['stsRegion'] ?? '';
    const endpoint = (region.urls['sts'] ?? '').replaceAll('{region}', stsRegion);
    if (URL.parse(endpoint)?.protocol !== 'https:' && !isLoopbackHttp(endpoint)) {
      throw new CallError({ kind: 'insecure_url', url: endpoint });
    }
    const own = credentials ?? ownCredentials(region) ?? workload;
    return new STSClient({
      region: stsRegion,
      endpoint,
      maxAttempts: 1,
      ...(own && { credentials: own }),
      requestHandler: new NodeHttpHandler({
        httpAgent: new HttpAgent({ keepAlive: false }),
        httpsAgent: new HttpsAgent({ keepAlive: false, maxCachedSessions: 0 }),
      }),
    });
  };
}

/** The configured keys; undefined where the process has an identity of its own. Throws where there is neither. */
function ownCredentials({ manifest, values, secrets }: RegionSettings): Credentials | undefined {
  const { accessKeyId, workloadIdentity } = values;
  const secretAccessKey = secrets['secretAccessKey']?.reveal();
  const sessionToken = secrets['sessionToken']?.reveal();
  if (accessKeyId && secretAccessKey) {
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  }
  if (isOn(workloadIdentity)) return undefined;
  throw notConfigured(credentialsMissing(manifest));
}
