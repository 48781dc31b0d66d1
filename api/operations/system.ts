import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { iso } from '../../contracts/time.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { ProblemSchema } from '../connections/schema.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { API_VERSION } from '../http/plugins/openapi.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { instant, nullable } from '../http/schema.ts';
import { toProblem } from '../http/to-problem.ts';
import { shareAnswers } from '../temporal/share-answers.ts';

const stores = ['temporal', 'secret_store', 'ephemeral_store'] as const;
const count = (description?: string) =>
  Type.Integer({ minimum: 0, ...(description === undefined ? {} : { description }) });

const UpkeepSchema = Type.Object(
  {
    at: instant('When they were counted.'),
    running: count(),
    late: count('An activity is more than two minutes overdue: no worker takes it up.'),
    paused: count('An operator paused an activity in Temporal.'),
    stuck: count('The workflow task fails again and again.'),
    stopped: count('Ended from outside; a person decides whether they go on.'),
  },
  { description: 'All tenants’ connections, as the last reconciliation counted them; it runs every five minutes.' },
);
const isCounts = (value: unknown): value is Static<typeof UpkeepSchema> => Value.Check(UpkeepSchema, value);

const SystemSchema = Type.Object({
  at: instant(),
  api: Type.Object({ version: Type.String({ description: 'Of the API' }), runtime: Type.String() }),
  stores: Type.Array(
    Type.Object({
      name: Type.Enum([...stores]),
      problem: nullable(ProblemSchema, 'Null where it answers.'),
    }),
  ),
  queues: nullable(
    Type.Array(
      Type.Object({
        queue: Type.String(),
        kind: Type.Enum(['workflow', 'activity']),
        pollers: count('Workers that take work from it. 0: nobody does this work.'),
        builds: Type.Array(Type.String(), { description: 'Of these workers, where they are versioned.' }),
      }),
    ),
    'Null where Temporal does not answer.',
  ),
  upkeep: nullable(UpkeepSchema, 'Null where they are not known.'),
  keyRing: Type.Object(
    {
      seals: Type.String(),
      opens: Type.Array(Type.String()),
      verifies: Type.Array(Type.String(), { description: 'Retired keys, which verify links only.' }),
    },
    { description: 'Ids of the keys of this process.' },
  ),
  temporalUi: Type.Object(
    {
      workflows: Type.String(),
      workers: Type.String(),
      connection: Type.String({ description: 'With the id of a connection in place of {id}.' }),
      taskQueue: Type.String({ description: 'With the name of a queue in place of {queue}.' }),
    },
    { description: 'Where the Temporal UI shows it, at TEMPORAL_UI_ORIGIN.' },
  ),
  unknown: Type.Array(Type.Object({ part: Type.Enum(['queues', 'upkeep']), problem: ProblemSchema }), {
    description: 'The parts that are null, each with why.',
  }),
});
type System = Static<typeof SystemSchema>;

const KEPT_MS = 1_000;

/** For an operator's console: how the installation itself is. Never fails because a part of it does. */
export function registerSystem(app: App, deps: AppDependencies): void {
  const shared = shareAnswers<System>(deps.clock, { keptMs: () => KEPT_MS, most: 1 });
  app.get(
    '/v1/system',
    {
      config: { access: 'operator:system' },
      schema: {
        operationId: 'getSystem',
        summary: 'How the installation is',
        description:
          'Whether the stores answer; who polls the task queues; how many connections Mooring does not keep up with; which keys seal. A part that cannot be told is null, and `unknown` says why. Needs an operator’s key with the scope `operator:system`.',
        tags: ['operations'],
        response: { 200: SystemSchema, ...problemReplies(401, 403, 429) },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store');
      return await shared('all', async () => await readSystem(deps));
    },
  );
}

async function readSystem(deps: AppDependencies): Promise<System> {
  const { connections, secrets, ephemeral, providers, keyRing, clock, logger, config } = deps;
  const unknown: System['unknown'] = [];

  const problemOf = (error: unknown, part: string) => {
    logger.warn({ err: error, part }, 'A part of the installation does not answer.');
    const { code, message, remedy } = toProblem(error);
    return { code, message, remedy };
  };
  const orNull = async <T>(part: System['unknown'][number]['part'], read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      unknown.push({ part, problem: problemOf(error, part) });
      return null;
    }
  };
  const pings: Readonly<Record<(typeof stores)[number], () => Promise<unknown>>> = {
    temporal: async () => await connections.ping(),
    secret_store: async () => await secrets.ping(),
    ephemeral_store: async () => await ephemeral.ping(),
  };
  const check = async (name: (typeof stores)[number]): Promise<System['stores'][number]> => {
    try {
      await pings[name]();
      return { name, problem: null };
    } catch (error) {
      return { name, problem: problemOf(error, name) };
    }
  };

  const [checked, queues, upkeep] = await Promise.all([
    Promise.all(stores.map(check)),
    orNull('queues', async () => {
      const polled = await connections.pollers(providers.all.map(({ manifest }) => manifest.id));
      return polled.map((each) => ({ ...each, builds: [...each.builds] }));
    }),
    orNull('upkeep', async () => {
      const counts = await ephemeral.get(ephemeralKeys.reconcile);
      if (isCounts(counts)) return counts;
      unknown.push({ part: 'upkeep', problem: notCounted });
      return null;
    }),
  ]);
  const ui = `${config.uiOrigin}/namespaces/${encodeURIComponent(config.temporal.namespace)}`;
  return {
    at: iso(clock.now()),
    api: { version: API_VERSION, runtime: `Node.js ${process.versions.node}` },
    stores: checked,
    queues,
    upkeep,
    keyRing: { seals: keyRing.currentKeyId, opens: [...keyRing.keyIds], verifies: [...keyRing.retiredKeyIds] },
    temporalUi: {
      workflows: `${ui}/workflows`,
      workers: `${ui}/workers`,
      connection: `${ui}/workflows/{id}`,
      taskQueue: `${ui}/task-queues/{queue}`,
    },
    unknown,
  };
}

const notCounted = {
  code: 'not_reconciled',
  message: 'No reconciliation has counted the connections in the last half hour.',
  remedy: 'Check that a worker runs: it reconciles every five minutes.',
};
