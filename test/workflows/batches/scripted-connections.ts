import { TemporalUnavailable, type BatchConnections } from '../../../activities/batches/ports.ts';
import type { Clock } from '../../../platform/clock.ts';
import { initialView } from '../../../contracts/connection-view.ts';
import type { ConnectionView } from '../../../contracts/connection.ts';
import type { ConnectionInput } from '../../../contracts/messages.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { publishNews } from '../../../stores/ephemeral/news.ts';

type Call = 'start' | 'view' | 'submit' | 'living';

/** Connections as a batch meets them: each settles as its name says. Stateful, and fails on command. */
export interface ScriptedConnections extends BatchConnections {
  /** By id, in the order in which they were started. */
  readonly started: ReadonlyMap<string, { readonly input: ConnectionInput; readonly submissions: number }>;
  /** The most connections that were under way at once. */
  readonly mostAtOnce: number;
  /** Called with each connection that is started. */
  onStart: (count: number) => Promise<void> | void;
  /** The next calls do what they are asked to, and their answers are lost: a worker that dies looks like this. */
  loseAnswers(call: Call, times: number): void;
  /** The cloud lets in all that are late. */
  letIn(): Promise<void>;
  /** Changes are not published any more. */
  isSilent: boolean;
  reset(): void;
}

const refusal = {
  code: 'insecure_trust_policy',
  message: 'The role lets everybody in.',
  remedy: 'Demand the external ID.',
};

/** `late-…` waits until {@link ScriptedConnections.letIn}; `bad-…` is refused; all others are let in at once. */
export function createScriptedConnections({
  ephemeral,
  clock,
}: {
  readonly ephemeral: EphemeralStore;
  readonly clock: Clock;
}): ScriptedConnections {
  const started = new Map<string, { input: ConnectionInput; view: ConnectionView; submissions: number }>();
  const requests = new Set<string>();
  const lost = new Map<Call, number>();
  let mostAtOnce = 0;

  const answered = <T>(call: Call, answer: T): T => {
    const left = lost.get(call) ?? 0;
    if (left === 0) return answer;
    lost.set(call, left - 1);
    throw new TemporalUnavailable('The answer was lost.');
  };
  const become = async (id: string, changes: Partial<ConnectionView>): Promise<void> => {
    const connection = started.get(id);
    if (!connection) return;
    connection.view = { ...connection.view, ...changes };
    const { status, problem, warnings } = connection.view;
    if (!connections.isSilent)
      await publishNews(ephemeral, connection.view, { status, problem, warnings, entries: [] });
  };
  const isUnderWay = ({ view }: { view: ConnectionView }): boolean => view.status === 'verifying';

  const connections: ScriptedConnections = {
    started,
    isSilent: false,
    onStart: () => undefined,
    get mostAtOnce() {
      return mostAtOnce;
    },
    async start(input) {
      if (started.has(input.id)) return answered('start', 'exists');
      started.set(input.id, { input, view: initialView(input, clock.now()), submissions: 0 });
      await connections.onStart(started.size);
      return answered('start', 'started');
    },
    view: async (id) => await Promise.resolve(answered('view', started.get(id)?.view)),
    async submit(id, { requestId = '' }) {
      const connection = started.get(id);
      if (!connection) throw new Error(`${id} was never started.`);
      const name = connection.input.name ?? '';
      if (!requests.has(id + requestId)) {
        requests.add(id + requestId);
        connection.submissions += 1;
        await become(id, { status: 'verifying' });
        mostAtOnce = Math.max(mostAtOnce, [...started.values()].filter(isUnderWay).length);
        if (name.startsWith('bad-')) await become(id, { status: 'awaiting_customer', problem: refusal });
        else if (!name.startsWith('late-')) await become(id, { status: 'active' });
      }
      return answered('submit', { outcome: 'taken' });
    },
    living: async () => await Promise.resolve(answered('living', started.size)),
    loseAnswers: (call, times) => void lost.set(call, times),
    async letIn() {
      for (const [id, { view }] of started) if (view.status === 'verifying') await become(id, { status: 'active' });
    },
    reset() {
      started.clear();
      requests.clear();
      lost.clear();
      mostAtOnce = 0;
      connections.onStart = () => undefined;
      connections.isSilent = false;
    },
  };
  return connections;
}
