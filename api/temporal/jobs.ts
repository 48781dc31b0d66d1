import { randomUUID } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import Type from 'typebox';
import { Value } from 'typebox/value';
import type { Command } from '../../contracts/messages.ts';
import type { Problem } from '../../contracts/problem.ts';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';
import { workflowTypes } from '../../contracts/ids.ts';
import { KeyRingError } from '../../platform/key-ring.ts';
import { startWorkflow, type StartOptions } from '../../platform/temporal/typed-client.ts';
import type { ApiProblem } from '../http/problem.ts';
import { deadlines, retryWhileClosing, within } from './deadlines.ts';
import { describe } from './description.ts';
import { fromTemporal, isOvertakenByEnd, isWorkflowGone, type Waiting } from './errors.ts';
import type { Execution } from './execution.ts';
import { readMemo, viewUndecodable, viewUnopened } from './memo.ts';
import { quote } from './visibility.ts';

export interface FoundJob<View> {
  readonly view: View;
  /** Of the request that created it. */
  readonly digest: string | undefined;
}

type JobWorkflow = 'batch' | 'bulk';

/** A kind of job: a workflow whose memo has its view, and a digest of the request that created it. */
export interface JobKind<N extends JobWorkflow, View> {
  readonly workflow: N;
  readonly notFound: () => ApiProblem;
  readonly isView: (value: unknown) => value is View;
  readonly notAView: Problem;
  /** Told where no run takes a message: the job has ended. */
  readonly ended: (view: View) => ApiProblem;
}

/** More than this many runs during one request is a bug. */
const MOST_RUNS = 3;

/** Access to the jobs of one kind in Temporal. A job of another tenant does not exist. */
export function createJobs<
  N extends JobWorkflow,
  View extends { readonly id: string; readonly tenant: string; readonly status: string },
>(client: Client, kind: JobKind<N, View>) {
  const decoding = { dataConverter: client.options.loadedDataConverter, namespace: client.options.namespace };

  const read = async (tenant: string, id: string): Promise<FoundJob<View>> => {
    const description = await describe(client, id);
    // The tenant is checked before anything is decoded: another tenant must not learn that it is broken.
    if (!description || description.execution.attributes.tenant !== tenant) throw kind.notFound();
    const { execution } = description;
    const [view, request] = await Promise.all([
      readMemo(decoding, execution, 'view'),
      readMemo(decoding, execution, 'request').catch(() => undefined),
    ]);
    if (!kind.isView(view)) throw viewUndecodable(kind.notAView);
    return { view: asEnded(view, execution), digest: isRequest(request) ? request.digest : undefined };
  };

  /** Throws `ApiProblem` for every error that a caller can meet. */
  const ask = async <T>(call: () => Promise<T>, waiting: Waiting = 'temporal'): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      if (isWorkflowGone(error)) throw kind.notFound();
      throw error instanceof KeyRingError ? viewUnopened(error) : fromTemporal(error, waiting);
    }
  };

  return {
    ask,

    /** When the id was used before, answers that job instead. */
    start: async (started: FoundJob<View>, options: StartOptions<N>): Promise<FoundJob<View> & { created: boolean }> =>
      await ask(async () => {
        try {
          await within(client, deadlines.start, () => startWorkflow(client, kind.workflow, options));
          return { created: true, ...started };
        } catch (error) {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          const { tenant, id } = started.view;
          return { created: false, ...(await read(tenant, id)) };
        }
      }),

    view: async (tenant: string, id: string): Promise<FoundJob<View>> => await ask(() => read(tenant, id)),

    /** An update that was lost with the end of a run is sent to the next one with the same id. */
    update: async <Reply, C extends Command>(id: string, name: string, command: C): Promise<Reply> => {
      const updateId = command.requestId ?? randomUUID();
      for (let run = 1; ; run++) {
        try {
          return await within(client, deadlines.serve, () =>
            retryWhileClosing(() =>
              client.workflow.getHandle(id).executeUpdate<Reply, [C]>(name, { args: [command], updateId }),
            ),
          );
        } catch (error) {
          if (isWorkflowGone(error)) throw kind.ended((await read(command.tenant, id)).view);
          if (!isOvertakenByEnd(error) || run >= MOST_RUNS) throw error;
        }
      }
    },

    async query<Reply>(tenant: string, id: string, name: string): Promise<Reply> {
      await read(tenant, id);
      return await within(client, deadlines.query, () => client.workflow.getHandle(id).query<Reply>(name));
    },

    /** How many of the tenant have not ended, about a second behind. */
    async count(tenant: string): Promise<number> {
      const query = `WorkflowType=${quote(workflowTypes[kind.workflow])} AND ${names.tenant.name}=${quote(tenant)} AND ExecutionStatus='Running'`;
      return (await within(client, deadlines.list, () => client.workflow.count(query))).count;
    },
  };
}

/** A job whose workflow was ended from outside could not say so. */
const asEnded = <View extends { readonly status: string }>(view: View, { state }: Execution): View =>
  state === 'stopped' ? { ...view, status: 'stopped' } : view;

const RequestShape = Type.Object({ digest: Type.String() });
const isRequest = (value: unknown): value is { readonly digest: string } => Value.Check(RequestShape, value);
