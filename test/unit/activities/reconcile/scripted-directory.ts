import type { ConnectionDirectory, Legacy, Lookup } from '../../../../activities/reconcile/ports.ts';
import type { ConnectionView } from '../../../../contracts/connection.ts';
import type { Restart } from '../../../../contracts/restart.ts';

type Run = 'running' | 'completed' | 'terminated';

/** Temporal in memory: runs by id, a visibility that lags on command, and failures on command. */
export function createScriptedDirectory() {
  const runs = new Map<string, Run>();
  const views = new Map<string, ConnectionView>();
  const hidden = new Set<string>();
  const failing = new Set<string>();
  const calls = { find: 0, pages: 0, atOnce: 0, mostAtOnce: 0 };
  const restarts: Restart[] = [];
  const swept: string[] = [];
  const discarded: string[] = [];
  let onSight: ((id: string, times: number) => void) | undefined;
  const looks = new Map<string, number>();

  async function* pagesOf(wanted: Run, beginnings: readonly string[] | null = null): AsyncGenerator<readonly string[]> {
    const isListed = (id: string) => beginnings?.some((beginning) => id.startsWith(beginning)) ?? true;
    const found = [...runs].filter(([id, run]) => run === wanted && !hidden.has(id) && isListed(id)).map(([id]) => id);
    for (let from = 0; from < found.length; from += 1_000) {
      calls.pages += 1;
      yield found.slice(from, from + 1_000);
    }
  }

  const lookupOf = (run: Run | undefined): Lookup => {
    switch (run) {
      case 'running':
        return { state: 'running', workflowType: 'connection', health: healthy };
      case 'completed':
        return { state: 'completed' };
      case 'terminated':
        return { state: 'ended_from_outside', workflowType: 'connection' };
      case undefined:
        return { state: 'unknown' };
    }
  };

  const directory: ConnectionDirectory = {
    namespace: async () => ({ id: 'namespace-1', name: 'mooring' }),
    async count(status) {
      if (status !== undefined && status !== 'active') return 0;
      return [...runs].filter(([id, run]) => run === 'running' && !hidden.has(id)).length;
    },
    async *running(beginnings) {
      for await (const page of pagesOf('running', beginnings)) {
        yield page.map((id) => ({ id, gate: 'ovh.ovh-eu' }));
      }
    },
    endedFromOutside: () => pagesOf('terminated'),
    async find(id) {
      calls.find += 1;
      calls.atOnce += 1;
      calls.mostAtOnce = Math.max(calls.mostAtOnce, calls.atOnce);
      looks.set(id, (looks.get(id) ?? 0) + 1);
      onSight?.(id, looks.get(id) ?? 0);
      try {
        await Promise.resolve();
        if (failing.has(id)) throw new Error('Temporal does not answer for this one.');
        return lookupOf(runs.get(id));
      } finally {
        calls.atOnce -= 1;
      }
    },
    async legacy(id): Promise<Legacy> {
      return { view: views.get(id) ?? null, request: null };
    },
    async restart(restart) {
      const { id } = restart.about.connection;
      const run = runs.get(id);
      if (run === 'running' || run === 'completed') return 'refused';
      restarts.push(restart);
      runs.set(id, 'running');
      return 'started';
    },
    async sweep({ id }) {
      if (swept.includes(id)) return 'refused';
      swept.push(id);
      return 'started';
    },
    async discard({ connection, pendingRef }) {
      const name = `${connection.id}/${pendingRef}`;
      if (discarded.includes(name)) return 'refused';
      discarded.push(name);
      return 'started';
    },
  };

  return {
    directory,
    runs,
    views,
    calls,
    restarts,
    swept,
    discarded,
    /** Visibility does not list it yet. */
    hide: (id: string) => void hidden.add(id),
    /** Temporal does not answer for this one. */
    fail: (id: string) => void failing.add(id),
    /** What happens meanwhile, as an id is looked at for the n-th time. */
    meanwhile: (deed: (id: string, times: number) => void) => void (onSight = deed),
  };
}

const healthy = { late: false, paused: false, stuck: false, status: 'active' } as const;
