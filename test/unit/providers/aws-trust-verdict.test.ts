import { describe, expect, test } from 'vitest';

import { trustVerdict } from '../../../providers/aws/role/trust-proof.ts';

const unknown = { unknown: 'AWS answered Throttling.' };

describe('the verdict on a trust policy', () => {
  test('a trust policy is safe only where both probes are denied', () => {
    const answers = ['denied', 'assumed', unknown] as const;
    const safe = answers.flatMap((none) =>
      answers.filter((random) => trustVerdict(none, random).trust === 'safe').map((random) => [none, random]),
    );
    expect(safe).toEqual([['denied', 'denied']]);
  });

  test.for([
    { none: 'assumed', random: 'assumed', opening: 'without an external ID' },
    { none: 'assumed', random: 'denied', opening: 'without an external ID' },
    { none: 'assumed', random: unknown, opening: 'without an external ID' },
    { none: 'denied', random: 'assumed', opening: 'with any external ID' },
    { none: unknown, random: 'assumed', opening: 'with any external ID' },
  ] as const)(
    'a trust policy is open where one probe succeeds, whatever the result of the other',
    ({ none, random, opening }) => {
      expect(trustVerdict(none, random)).toEqual({ trust: 'open', opening });
    },
  );

  test.for([
    ['denied', unknown],
    [unknown, 'denied'],
    [unknown, unknown],
  ] as const)(
    'the verdict is unknown, with the reason, where a probe has no clear result and no probe succeeds',
    ([none, random]) => {
      expect(trustVerdict(none, random)).toEqual({ trust: 'unknown', why: 'AWS answered Throttling.' });
    },
  );
});
