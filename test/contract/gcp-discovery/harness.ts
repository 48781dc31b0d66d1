import type { Failing, Faults, ListerHarness } from '../lister.harness.ts';
import type { SandboxClient } from '../../../sandbox/client.ts';
import { startLister } from './on-sandbox.ts';

const project = 'lindqvist-lab';
const PAGE_SIZE = 4;

/** What of the sandbox each kind is made of, and what its list is called with. */
const kinds = {
  instance: ['instance', /\/aggregated\/instances/],
  kubernetes: ['cluster', /\/container\/v1\/.*\/clusters/],
  database: ['sql', /\/sqladmin\/v1\/.*\/instances/],
  object_storage: ['bucket', /\/storage\/v1\/b\?/],
  load_balancer: ['forwardingRule', /\/forwardingRules/],
  function: ['function', /\/cloudfunctions\/v2\//],
  container_service: ['service', /\/run\/v2\//],
  registry: ['repository', /\/artifactregistry\/v1\/.*\/repositories/],
  private_network: ['network', /\/global\/networks/],
  volume: ['disk', /\/aggregated\/disks/],
} as const;
type Kind = keyof typeof kinds;
const allKinds = Object.keys(kinds) as Kind[];

type Body = Record<string, unknown>;

interface Fault {
  readonly on: RegExp;
  readonly answer?: (init: RequestInit | undefined) => Promise<Response>;
  readonly change?: (body: Body, url: URL) => Body;
  timesLeft: number;
}

/** The contract's harness; where Cloud Asset is off, everything comes from the services. */
export function gcpHarness(way: 'asset' | 'services'): ListerHarness {
  const SEARCH = /:searchAllResources/;
  const callsOf = (kind: string): RegExp => (way === 'asset' ? SEARCH : kinds[kind as Kind][1]);
  const hitBy = (kind: string): readonly string[] => (way === 'asset' ? allKinds : [kind]);

  return {
    paged: { kind: 'instance', count: PAGE_SIZE * 3 + 1 },
    leftOut:
      way === 'asset'
        ? {
            deny: 'where Cloud Asset is refused the services are asked instead, and each of those has its own rights',
            noRows: 'Cloud Asset leaves out a list that is empty: {} is its answer for a project without resources',
          }
        : {},
    async start() {
      const faults: Fault[] = [];
      const on = await startLister({
        deadlineMs: 500,
        around: (send) => async (input, init) => {
          const url = new URL(input);
          // The newest one: a test may go on with another fault.
          const fault = faults.findLast(({ on: pattern, timesLeft }) => timesLeft > 0 && pattern.test(url.href));
          if (!fault) return await send(input, init);
          fault.timesLeft -= 1;
          // Counted as a call, whatever is then answered.
          if (fault.answer) return await fault.answer(init);
          const response = await send(input, init);
          const body = (await response.json()) as Body;
          return Response.json(fault.change?.(body, url) ?? body, { status: response.status });
        },
      });
      const { cloud } = on;
      await empty(cloud);
      await cloud.change({
        gcp: {
          resourcesPageSize: PAGE_SIZE,
          disabledServices:
            way === 'asset' ? [] : ['client/cloudasset.googleapis.com', `${project}/cloudasset.googleapis.com`],
        },
      });
      let answered = 0;
      const begin = (fault: Omit<Fault, 'timesLeft'>, times = Infinity) =>
        void faults.push({ ...fault, timesLeft: times });
      const answering = (pattern: RegExp, answer: NonNullable<Fault['answer']>, times?: number) =>
        begin(
          {
            on: pattern,
            answer: async (init) => {
              answered += 1;
              return await answer(init);
            },
          },
          times,
        );
      const changing = (kind: string, change: NonNullable<Fault['change']>) => {
        begin({ on: callsOf(kind), change });
        return Promise.resolve(hitBy(kind));
      };

      const given: Faults = {
        fail(kind, how) {
          // A refused Cloud Asset leads to the services: forbidden is what both forbid.
          const pattern = way === 'asset' && how.status === 403 ? /\/gcp\/services\// : callsOf(kind);
          answering(pattern, async () => await Promise.resolve(failing(how, on.token)), how.times);
          return Promise.resolve(hitBy(kind));
        },
        async endCredential() {
          await cloud.gcp.revokeAccount('ada@lindqvist.example');
        },
        async deny(kind) {
          const action = { instance: 'compute.instances.list' }[kind] ?? '';
          await cloud.gcp.deny('ada@lindqvist.example', [action]);
          return { kinds: [kind], action };
        },
        hang(kind) {
          answering(callsOf(kind), async (init) => await untilAborted(init?.signal));
          return Promise.resolve(hitBy(kind));
        },
        repeatToken: (kind) =>
          changing(kind, (body, url) => ({
            ...body,
            nextPageToken: body['nextPageToken'] ?? url.searchParams.get('pageToken'),
          })),
        async cycleTokens(kind) {
          const tokens: string[] = [];
          return await changing(kind, (body, url) => {
            const token = url.searchParams.get('pageToken');
            if (token !== null && !tokens.includes(token)) tokens.push(token);
            return { ...body, nextPageToken: body['nextPageToken'] ?? tokens.at(-2) };
          });
        },
        badRow: (kind) =>
          changing(kind, (body) => {
            const rows = (way === 'asset' ? body['results'] : firstRows(body)) as Body[];
            const types: Readonly<Record<string, string>> = { instance: 'compute.googleapis.com/Instance' };
            const bad = rows.find(({ assetType }) => way === 'services' || assetType === types[kind]);
            if (bad) delete bad['name'];
            return body;
          }),
        noRows: (kind) => changing(kind, () => ({})),
        async remove(kind, id) {
          await cloud.gcp.remove(project, kinds[kind as Kind][0], id.slice(id.lastIndexOf('/') + 1));
        },
      };
      const leftOut = way === 'asset' ? ['deny', 'noRows'] : [];
      return {
        lister: on.lister,
        projectId: project,
        context: on.context,
        async seed(kind, count) {
          const name = kinds[kind as Kind][0];
          const before = (await cloud.gcp.resources(project, name)).length;
          await cloud.gcp.resize(project, { [name]: before + count });
        },
        faults: Object.fromEntries(Object.entries(given).filter(([name]) => !leftOut.includes(name))),
        calls: () => on.requests.length + answered,
        secondsWaited: () => on.pauses.reduce((sum, milliseconds) => sum + milliseconds / 1000, 0),
        secrets: [on.token],
        close: on.close,
      };
    },
  };
}

/** Of a list of Compute Engine: those of the first zone that has any. */
function firstRows({ items }: Body): unknown[] {
  const scopes = Object.values((items ?? {}) as Record<string, { instances?: unknown[] }>);
  return scopes.find(({ instances }) => instances)?.instances ?? [];
}

function failing({ status, retryAfterSeconds, echo = false }: Failing, token: string): Response {
  const message = echo ? `Refused: {"authorization":"Bearer ${token}"}` : 'Refused.';
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return Response.json({ error: { code: status, message } }, { status, headers });
}

async function untilAborted(signal: AbortSignal | null | undefined): Promise<never> {
  return await new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

async function empty(cloud: SandboxClient): Promise<void> {
  const names = allKinds.map((kind) => [kinds[kind][0], 0] as const);
  await cloud.gcp.resize(project, Object.fromEntries(names));
}
