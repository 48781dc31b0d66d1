import { setTimeout as delay } from 'node:timers/promises';
import { createCustomer } from '../../support/customer.ts';
import type { World } from './actions/action.ts';
import { createLocks } from './actions/locks.ts';
import { createOperator, type Operator } from './actions/temporal-operator.ts';
import { createPeople } from './client/come-in.ts';
import { createApi, problemCode } from './client/http.ts';
import { createLedger } from './client/ledger.ts';
import { settle } from './client/settle.ts';
import { drive, type Client } from './client/traffic.ts';
import { createVerbs } from './client/verbs.ts';
import { checkAfterwards } from './invariants/after.ts';
import { createFindings, type Findings } from './invariants/findings.ts';
import { replayHistories } from './invariants/histories.ts';
import { createSpendings, type Spendings } from './invariants/spendings.ts';
import type { ChaosOptions } from './options.ts';
import { outcomeOf, type ChaosOutcome } from './outcome.ts';
import { carryOut } from './perform.ts';
import { planChaos } from './plan.ts';
import { progressLine } from './progress.ts';
import { createRandom } from './random.ts';
import type { Programs } from './stack/programs.ts';
import { startStack, type ChaosStack } from './stack/stack.ts';

const PROGRESS_EVERY_MS = 15_000;
const SCHEDULES_EVERY_MS = 20_000;
/** From the beginning of the quiet: an outage's last backoff, a drain, a lost lease. */
const SETTLED_WITHIN_MS = 240_000;

/** A whole run: breaks an installation for as long as the options say, lets it heal, and looks at what is left. */
export async function runChaos(
  options: ChaosOptions,
  { programs, folder, say }: { programs: Programs; folder: string; say: (line: string) => void },
): Promise<ChaosOutcome> {
  const startedAtMs = Date.now();
  const plan = planChaos(options);
  say(`Seed ${options.seed}: ${plan.length} actions in ${options.minutes} min. Logs and data: ${folder}`);
  const stack = await startStack(programs, options, folder);
  try {
    const findings = createFindings(say);
    const client = createClient(stack, findings);
    const spendings = createSpendings(stack.cloud, client, findings);
    const operator = await createOperator(`127.0.0.1:${stack.temporal.port}`, stack.namespace, stack.product.keys());
    try {
      const [faults, quiet] = [new AbortController(), new AbortController()];
      const world: World = {
        stack,
        operator,
        say,
        ledger: client.ledger,
        locks: createLocks(),
        pause: async (seconds) => await delay(seconds * 1_000, undefined, { signal: faults.signal }).catch(() => {}),
      };
      say('Everything is up.');
      const beganAtMs = Date.now();
      const performing = carryOut(plan, world, faults.signal, say);
      const driving = drive(client, options, createRandom(`traffic ${options.seed}`), faults.signal);
      const searching = searchOften(operator, quiet.signal);
      const watching = watch({ beganAtMs, client, spendings, stop: faults.signal, running: performing.running, say });
      await delay(options.minutes * 60_000 - options.quietSeconds * 1_000);

      say('The quiet begins: no more faults.');
      faults.abort();
      const actions = await performing.ended;
      await driving;
      await watching;
      const quietAtMs = Date.now();
      await heal(stack, findings);
      let restless = await settle(client, SETTLED_WITHIN_MS, say);
      const settledSeconds = restless.size > 0 ? null : (Date.now() - quietAtMs) / 1_000;
      say(settledSeconds === null ? `${restless.size} connections are not at rest.` : 'Every connection is at rest.');
      // A renewal or two of each: whoever is well must stay so.
      await delay(Math.max(0, options.quietSeconds * 1_000 - (Date.now() - quietAtMs)));
      restless = await settle(client, restless.size > 0 ? 0 : SETTLED_WITHIN_MS / 4, say);
      quiet.abort();
      await searching;
      await checkAfterwards({ stack, client, operator, findings, restless });
      await spendings.conclude(async (id) => await operator.replayMarks(id));
      say('Replaying every history.');
      const replayed = await replayHistories(stack, options.build, findings);
      return outcomeOf({
        options,
        stack,
        client,
        findings,
        actions,
        replayed,
        startedAtMs,
        settledSeconds,
        spendings: spendings.counts(),
        cloud: await stack.cloud.control.counters(),
      });
    } finally {
      await operator.close();
    }
  } finally {
    say('Stopping everything.');
    await stack.stop();
  }
}

function createClient(stack: ChaosStack, findings: Findings): Client {
  const { product, apiKey, cloud } = stack;
  const api = createApi(product.api, apiKey, (request, answer) => {
    const text = `${request} answers 500 ${problemCode(answer)}`;
    findings.check('answered', null, answer.status === 500 ? text : undefined);
  });
  const customer = createCustomer({ api: product.api, apiKey, sandbox: cloud.url });
  return {
    api,
    ledger: createLedger(),
    people: createPeople(api, customer),
    verbs: createVerbs(api, findings),
  };
}

async function heal(stack: ChaosStack, findings: Findings): Promise<void> {
  try {
    await stack.heal();
    findings.check('well', null, undefined);
  } catch (error) {
    findings.check('well', null, `not everything serves again: ${(error as Error).message}`);
  }
}

/** A schedule that comes every few minutes, as the search for stopped connections does, comes often in a short run. */
async function searchOften(operator: Operator, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await delay(SCHEDULES_EVERY_MS, undefined, { signal: stop }).catch(() => {});
    // Temporal may be frozen or dead at this moment.
    await operator.triggerSchedules().catch(() => {});
  }
}

/** Says how it goes, and looks at the cloud's counts while what explains them can still be asked for. */
async function watch(of: {
  readonly beganAtMs: number;
  readonly client: Client;
  readonly spendings: Spendings;
  readonly stop: AbortSignal;
  readonly running: () => readonly string[];
  readonly say: (line: string) => void;
}): Promise<void> {
  const { beganAtMs, client, spendings, stop, running, say } = of;
  while (!stop.aborted) {
    await delay(PROGRESS_EVERY_MS, undefined, { signal: stop }).catch(() => {});
    say(progressLine((Date.now() - beganAtMs) / 1_000, client, running()));
    // The cloud may be frozen or dead at this moment.
    await spendings.look().catch(() => {});
  }
}
