import { findStoredCredentials } from '../support/stored-credentials.ts';
import { createTokenLife } from '../support/token-life.ts';
import { hammer, type Load, type Target } from '../support/load.ts';
import { startMooringFleet } from '../support/mooring-fleet.ts';
import { stackDefaults } from '../support/options.ts';
import type { Cell } from '../support/report.ts';
import { scenarioOnStack } from '../support/scenario.ts';
import { median, ratio, spread } from '../support/statistics.ts';

const CLIENTS = [1, 32] as const;
const defaults = { connections: [100] as readonly number[], seconds: 5, rounds: 5, ...stackDefaults };

interface Round {
  readonly clients: number;
  readonly vault: Load;
  readonly mooring: Load;
}

/** Credentials are read through the API, and the same records straight from Vault, in turns. */
export const credentials = scenarioOnStack({
  title: 'Reading credentials',
  defaults,
  async measure(stack, options, say) {
    await createTokenLife(stack.cloud).fix(3_600);
    const fleet = await startMooringFleet(stack, options);
    await fleet.grow(options.connections.at(-1) ?? 0);
    const { api, apiKey } = fleet.product;
    const ownTarget: Target = {
      origin: api,
      paths: fleet.ids.map((id) => `/v1/connections/${id}/credentials`),
      headers: { authorization: `Bearer ${apiKey}` },
    };
    const stored = await findStoredCredentials(stack, fleet.ids[0] ?? '');
    const vaultTarget: Target = {
      origin: stack.vault.address,
      paths: fleet.ids.map((id) => stored.path(id)),
      headers: stored.headers,
    };
    const rounds: Round[] = [];
    for (const clients of CLIENTS) {
      // What a process does at its first requests is not what is measured.
      for (const target of [vaultTarget, ownTarget]) await hammer(target, clients, 1);
      for (let round = 1; round <= options.rounds; round++) {
        say(`${clients} client${clients === 1 ? '' : 's'}, round ${round} of ${options.rounds}.`);
        const vault = await hammer(vaultTarget, clients, options.seconds);
        rounds.push({ clients, vault, mooring: await hammer(ownTarget, clients, options.seconds) });
      }
    }
    await fleet.stop();
    const at = (clients: number, side: 'vault' | 'mooring', of: (load: Load) => number | null): number | null =>
      median(numbers(rounds.filter((round) => round.clients === clients).map((round) => of(round[side]))));
    const [one, many] = CLIENTS;
    return {
      tables: [
        {
          title: `Reads a second and their latency, ${options.rounds} rounds in turns`,
          columns: ['', 'clients', 'a second, min', 'median', 'max', 'p50 ms', 'p99 ms', 'failed'],
          rows: CLIENTS.flatMap((clients) => [
            row('straight from Vault', clients, rounds, 'vault'),
            row('Mooring', clients, rounds, 'mooring'),
          ]),
        },
      ],
      verdicts: [
        {
          what: `reads a second at ${many} clients: Mooring ÷ Vault`,
          value: ratio(at(many, 'mooring', perSecond), at(many, 'vault', perSecond)),
          atLeast: 0.5,
        },
        {
          what: `p50 at ${one} client: Mooring ÷ Vault`,
          value: ratio(at(one, 'mooring', p50), at(one, 'vault', p50)),
          atMost: 2.5,
        },
        { what: 'reads that failed', value: rounds.reduce((sum, { mooring }) => sum + mooring.failed, 0), atMost: 0 },
      ],
      notes: [
        'Both sides by the same client over keep-alive connections; the client shares the cores with what it asks.',
      ],
    };
  },
});

const perSecond = (load: Load): number => load.perSecond;
const p50 = (load: Load): number | null => load.p50Ms;
const numbers = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);

function row(name: string, clients: number, rounds: readonly Round[], side: 'vault' | 'mooring'): Cell[] {
  const loads = rounds.filter((round) => round.clients === clients).map((round) => round[side]);
  const rates = spread(loads.map(perSecond));
  const [p50s, p99s] = [numbers(loads.map(p50)), numbers(loads.map(({ p99Ms }) => p99Ms))];
  const failed = loads.reduce((sum, load) => sum + load.failed, 0);
  return [name, clients, rates.min, rates.median, rates.max, median(p50s), median(p99s), failed];
}
