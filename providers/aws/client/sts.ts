import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

import { STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler, type NodeHttpHandlerOptions } from '@smithy/node-http-handler';

import { isConnectFailure } from '../../../platform/network-errors.ts';
import { CallError, type CallFailure } from '../../http/call-error.ts';
import { isLoopbackHttp } from '../../http/http.ts';
import { parseRetryAfter } from '../../http/retry-after.ts';
import { isOn, type RegionSettings } from '../../manifests/settings.ts';
import { notConfigured } from '../../preconditions.ts';
import { ProviderError, type SawDate } from '../../provider.ts';
import { credentialsMissing } from '../problems.ts';

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
export function createStsFactory(of: {
  readonly region: RegionSettings;
  readonly workload: WorkloadCredentials;
  readonly sawDate: SawDate | undefined;
}) {
  const { region, workload, sawDate } = of;
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
      requestHandler: new DatedHttpHandler((date) => sawDate?.(new URL(endpoint).host, date), {
        httpAgent: new HttpAgent({ keepAlive: false }),
        httpsAgent: new HttpsAgent({ keepAlive: false, maxCachedSessions: 0 }),
      }),
    });
  };
}

/** Notes the date of every answer, of a refusal too. */
class DatedHttpHandler extends NodeHttpHandler {
  readonly #sawDate: (date: string | undefined) => void;

  constructor(sawDate: (date: string | undefined) => void, options: NodeHttpHandlerOptions) {
    super(options);
    this.#sawDate = sawDate;
  }

  override async handle(...given: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    const answer = await super.handle(...given);
    this.#sawDate(answer.response.headers['date']);
    return answer;
  }
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
