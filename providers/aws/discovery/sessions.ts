import { createBoundedMap } from '../../../platform/bounded-map.ts';
import type { Clock } from '../../../platform/clock.ts';
import { calling } from '../../http/call-watch.ts';
import { classified } from '../../http/classify.ts';
import type { ListContext } from '../../listing/lister.ts';
import { ProviderError } from '../../provider.ts';
import type { OpenPartition, Session } from '../client.ts';
import { awsClassifier } from '../errors.ts';
import { readSubmission, type Submission } from '../role.ts';
import { discoveryPolicy } from './session-policy.ts';

/**
 * Sessions for lists, narrowed to list actions; the stored session is not used. They are kept in memory alone, by
 * connection. Throws `ProviderError`, or the signal's reason when aborted.
 */
export interface Sessions {
  /** The one in use, or a new one. Callers at the same time share one request to STS. */
  get(context: ListContext): Promise<Session>;
  /** AWS has refused it: the next caller gets a new one. */
  drop(connectionId: string, session: Session): void;
  /** Each pass begins with a new session, so that a role which no longer trusts us is noticed at once. */
  forget(connectionId: string): void;
}

interface Entry {
  /** What the session was asked for with: another one is made when the record has changed. */
  readonly asked: string;
  readonly session: Promise<Session>;
  readonly usableUntilMs: number;
  settled: Session | undefined;
}

const MOST = 5_000;
/** A list that begins just before the end must still get through. */
const MARGIN_MS = 5 * 60 * 1000;

export function createSessions({ open, clock }: { open: OpenPartition; clock: Clock }): Sessions {
  const entries = createBoundedMap<string, Entry>(MOST);

  function start(context: ListContext, submission: Submission, asked: string): Entry {
    const { connectionId } = context;
    const entry: Entry = {
      asked,
      session: assume(open, context, submission),
      usableUntilMs: clock.now() + submission.durationSeconds * 1000 - MARGIN_MS,
      settled: undefined,
    };
    entries.set(connectionId, entry);
    entry.session.then(
      (session) => void (entry.settled = session),
      () => entries.get(connectionId) === entry && entries.delete(connectionId),
    );
    return entry;
  }

  return {
    async get(context) {
      context.signal.throwIfAborted();
      const submission = readSubmission({ ...context, region: context.region.manifest.id });
      const { record, durationSeconds, sessionPolicy } = submission;
      const asked = JSON.stringify([record.role_arn, record.external_id, durationSeconds, sessionPolicy]);
      const kept = entries.get(context.connectionId);
      const usable = kept?.asked === asked && clock.now() < kept.usableUntilMs ? kept : undefined;
      return await orAborted(context.signal, (usable ?? start(context, submission, asked)).session);
    },
    drop(connectionId, session) {
      if (entries.get(connectionId)?.settled === session) entries.delete(connectionId);
    },
    forget: (connectionId) => entries.delete(connectionId),
  };
}

/** Not aborted by one caller's signal, because others wait for it too; STS's client has a deadline of its own. */
async function assume(open: OpenPartition, { region }: ListContext, submission: Submission): Promise<Session> {
  const { client } = open(region.manifest.id);
  const { record, sessionName, durationSeconds, sessionPolicy: own } = submission;
  const request = { roleArn: record.role_arn, externalId: record.external_id, sessionName, durationSeconds };
  const withPolicy = async (sessionPolicy: string) =>
    await classified(awsClassifier({ operation: 'again', region, record }), async () =>
      calling('role.assume', () => client.assumeRole({ ...request, sessionPolicy }, new AbortController().signal)),
    );
  const narrowed = discoveryPolicy(own);
  try {
    return await withPolicy(narrowed);
  } catch (error) {
    // AWS also limits the packed size, which no one can compute: then the connection's own policy goes alone.
    const isRefused = error instanceof ProviderError && error.problem.code === 'session_policy_refused';
    if (own === undefined || own === narrowed || !isRefused) throw error;
    return await withPolicy(own);
  }
}

async function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const refuse = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', refuse, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', refuse);
  }
}
