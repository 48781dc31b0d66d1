import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  type AssumeRoleCommandInput,
  type STSClient,
} from '@aws-sdk/client-sts';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';

import { startDeadline } from '../../platform/deadline.ts';
import type { Clock } from '../../platform/clock.ts';
import { Secret } from '../../platform/secret.ts';
import { CallError } from '../http/call-error.ts';
import { calling } from '../http/call-watch.ts';
import { classified } from '../http/classify.ts';
import type { Http } from '../http/http.ts';
import type { ProviderSettings, RegionSettings } from '../manifests/settings.ts';
import { openRegion } from '../preconditions.ts';
import { createStsFactory, sdkCallError, type Credentials, type WorkloadCredentials } from './client/sts.ts';
import { awsClassifier } from './errors.ts';
import { credentialsMissing } from './problems.ts';
import { CallerSchema, SessionSchema } from './schema.ts';

export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret<string>;
  readonly sessionToken: Secret<string>;
}

export interface Caller {
  readonly accountId: string;
  readonly arn: string;
}

export interface AssumeRequest {
  readonly roleArn: string;
  /** Shows in the customer's CloudTrail. */
  readonly sessionName: string;
  /** Undefined = none is sent, which only the proof of the trust policy does. */
  readonly externalId: string | undefined;
  /** 900 to 3600: AWS caps a role that a role assumes at an hour. */
  readonly durationSeconds: number;
  /** An IAM policy document that narrows the session. */
  readonly sessionPolicy?: string | undefined;
}

/** AWS STS in one partition. Each call is one request on a connection of its own. Throws {@link CallError} alone. */
export interface AwsClient {
  assumeRole(request: AssumeRequest, signal: AbortSignal): Promise<Session>;
  /** Whose the session is; without one, who we are ourselves. */
  caller(signal: AbortSignal, session?: Session): Promise<Caller>;
}

export interface AwsClientDependencies {
  /** Our own credentials where the environment names none. */
  readonly workload: WorkloadCredentials;
  readonly clock: Clock;
  readonly http: Http;
  /** Of one call. */
  readonly deadlineMs: number;
}

function createAwsClient(deps: AwsClientDependencies, region: RegionSettings): AwsClient {
  const { workload, clock, http, deadlineMs } = deps;
  const sts = createStsFactory({ region, workload, http });

  async function call<T>(
    outer: AbortSignal,
    credentials: Credentials | undefined,
    send: (client: STSClient, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const deadline = startDeadline(deadlineMs);
    const signal = AbortSignal.any([outer, deadline.signal]);
    let client: STSClient | undefined;
    try {
      client = sts(credentials);
      // The request has a deadline in `http`; this one is also for what the SDK does before it, such as asking the
      // machine's metadata service for credentials.
      return await Promise.race([send(client, signal), aborted(signal)]);
    } catch (error) {
      const late = deadline.signal.aborted ? `no answer within ${deadlineMs / 1000} s` : 'the call was cancelled';
      throw sdkCallError(error, clock.now(), signal.aborted ? late : undefined);
    } finally {
      deadline.cancel();
      client?.destroy();
    }
  }

  return {
    assumeRole: ({ roleArn, sessionName, externalId, durationSeconds, sessionPolicy }, signal) => {
      const input: AssumeRoleCommandInput = {
        RoleArn: roleArn,
        RoleSessionName: sessionName,
        DurationSeconds: durationSeconds,
        ...(externalId !== undefined && { ExternalId: externalId }),
        ...(sessionPolicy !== undefined && { Policy: sessionPolicy }),
      };
      return call(signal, undefined, async (client, abortSignal) => {
        const reply = await client.send(new AssumeRoleCommand(input), { abortSignal });
        const session = parsed(SessionSchema, reply.Credentials);
        return {
          accessKeyId: session.AccessKeyId,
          secretAccessKey: new Secret(session.SecretAccessKey),
          sessionToken: new Secret(session.SessionToken),
        };
      });
    },
    caller: (signal, session) => {
      const credentials = session && {
        accessKeyId: session.accessKeyId,
        secretAccessKey: session.secretAccessKey.reveal(),
        sessionToken: session.sessionToken.reveal(),
      };
      return call(signal, credentials, async (client, abortSignal) => {
        const answer = await calling('caller.read', () =>
          client.send(new GetCallerIdentityCommand({}), { abortSignal }),
        );
        const reply = parsed(CallerSchema, answer);
        return { accountId: reply.Account, arn: reply.Arn };
      });
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const refuse = () => reject(new Error('aborted'));
    if (signal.aborted) refuse();
    else signal.addEventListener('abort', refuse, { once: true });
  });
}

function parsed<S extends TSchema>(schema: S, reply: unknown) {
  if (Value.Check(schema, reply)) return reply;
  throw new CallError({ kind: 'status', status: 200, retryAfterSeconds: null, body: null });
}

/** One partition, as this installation is known there. */
export interface PartitionAccess {
  readonly region: RegionSettings;
  readonly client: AwsClient;
  /** Who we are there. Asked once: the account of a process does not change. Throws `ProviderError`. */
  ourselves(signal: AbortSignal): Promise<Caller>;
}

/** Throws `ProviderError` of class `config` where the partition is unknown or not configured. */
export type OpenPartition = (regionId: string) => PartitionAccess;

export function createOpenPartition(
  deps: AwsClientDependencies & { readonly settings: ProviderSettings },
): OpenPartition {
  const opened = new Map<string, PartitionAccess>();

  return (regionId) => {
    const region = openRegion(deps.settings, regionId, 'role', (missing, partition) =>
      missing.code === 'connector_disabled' ? missing : credentialsMissing(partition),
    );
    let access = opened.get(regionId);
    if (!access) opened.set(regionId, (access = open(region)));
    return access;
  };

  function open(region: RegionSettings): PartitionAccess {
    const client = createAwsClient(deps, region);
    let known: Caller | undefined;
    return {
      region,
      client,
      ourselves: async (signal) =>
        await classified(
          awsClassifier({ operation: 'ourselves', region }),
          async () => (known ??= await client.caller(signal)),
        ),
    };
  }
}
