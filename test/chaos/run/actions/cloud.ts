import type { FaultAction, FaultRule } from '../../../../sandbox/core/faults.ts';
import type { Random } from '../random.ts';
import type { ActionType, Drawn } from './action.ts';

interface Fault {
  readonly kind: string;
  readonly weight: number;
  readonly action: FaultAction;
  /** How many requests it hits at most; null = all for as long as it lasts. */
  readonly times: number | null;
}

/** What renews, proves and lists; never the pages that people sign in on. */
const endpoints = ['token.*', 'me', 'auth.details', 'sts.*', 'subscriptions.list', 'projects.search', 'cloud.*'];

/** A cloud with strict rotation takes a grant back after a lost answer, so only few of them are lost. */
const faults = (random: Random): readonly Fault[] => [
  {
    kind: '429',
    weight: 3,
    action: { kind: 'respond', status: 429, headers: { 'retry-after': '2' }, body: { message: 'Too many requests' } },
    times: null,
  },
  {
    kind: '500',
    weight: 3,
    action: { kind: 'respond', status: 500, body: { message: 'Internal error' } },
    times: null,
  },
  { kind: 'lost reply', weight: 3, action: { kind: 'drop_after' }, times: random.between(1, 2) },
  { kind: 'dropped request', weight: 2, action: { kind: 'drop_before' }, times: null },
  {
    kind: 'slow reply',
    weight: 2,
    action: { kind: 'slow', ms: random.between(1_000, 8_000) },
    times: random.between(2, 10),
  },
];

function misbehave(random: Random): Drawn {
  const cloud = random.pick(['ovh', 'ovh', 'ovh', 'azure', 'gcp', 'aws']);
  const { kind, action, times } = random.pickWeighted(faults(random));
  const seconds = random.between(4, 20);
  return {
    kind: `cloud: ${kind}`,
    group: 'cloud',
    text: `${cloud}: ${kind}${times === null ? '' : ` × ${times}`} for ${seconds} s`,
    needs: ['cloud'],
    async run({
      stack: {
        cloud: { control },
      },
      pause,
    }) {
      for (const endpoint of endpoints) {
        const match: FaultRule['match'] = { cloud, endpoint };
        await control.fault(match, action, times);
      }
      await pause(seconds);
      await control.clearFaults();
    },
  };
}

export const cloudActions: readonly ActionType[] = [{ weight: 12, group: 'cloud', draw: misbehave }];
