import { STSClient } from '@aws-sdk/client-sts';

import { isConnectFailure } from '../../../platform/network-errors.ts';
import { CallError, type CallFailure } from '../../http/call-error.ts';
import { isLoopbackHttp, type Http } from '../../http/http.ts';
import { parseRetryAfter } from '../../http/retry-after.ts';
import { isOn, type RegionSettings } from '../../manifests/settings.ts';
import { notConfigured } from '../../preconditions.ts';
import { ProviderError } from '../../provider.ts';
import { credentialsMissing } from '../problems.ts';
import { sdkRequestHandler } from './request-handler.ts';

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
 * each request has a connection of its own, without a resumed TLS session. `maxAttempts` 1: retries belong to the workflow.
 */
export function createStsFactory(of: {
  readonly region: RegionSettings;
  readonly workload: WorkloadCredentials;
  readonly http: Http;
}) {
  const { region, workload, http } = of;
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
      requestHandler: sdkRequestHandler(http),
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

interface SdkError {
  /** AWS's error code, for an answer: `AccessDenied`. */
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/**
 * Says what an error of the SDK means. It is dropped, not wrapped: it holds the signed request. `late` is given where
 * the call was ended from this side.
 */
export function sdkCallError(error: unknown, nowMs: number, late: string | undefined): Error {
  if (error instanceof CallError || error instanceof ProviderError) return error;
  if (late !== undefined) return new CallError({ kind: 'no_answer', delivery: 'unknown', reason: late });
  return new CallError(failureOf(error as SdkError, nowMs));
}

function failureOf({ name = '', message = '', code, $metadata, $response }: SdkError, nowMs: number): CallFailure {
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    // Nothing was sent. The classifier treats it like any other answer about our own credentials.
    return { kind: 'status', status: 400, retryAfterSeconds: null, body: { code: 'NoCredentials', message } };
  }
  const status = $metadata?.httpStatusCode;
  if (status === undefined) {
    const reason = typeof code === 'string' ? code : 'network error';
    return { kind: 'no_answer', delivery: isConnectFailure(reason) ? 'not_sent' : 'unknown', reason };
  }
  return {
    kind: 'status',
    status,
    retryAfterSeconds: parseRetryAfter($response?.headers?.['retry-after'], nowMs),
    body: status < 400 ? null : { code: name, message },
  };
}
