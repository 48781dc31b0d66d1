import { describe, expect, it } from 'vitest';
import { actionTypes } from '../../chaos/run/actions/index.ts';
import { readCommand, UsageError } from '../../chaos/run/options.ts';
import { planChaos, planLines } from '../../chaos/run/plan.ts';

const planOf = (...args: string[]) => planChaos(readCommand(args, null).options);
const linesOf = (...args: string[]) => planLines(planOf(...args));

describe('the plan of a chaos run', () => {
  it('the plan of a chaos run is the same for the same seed and differs for another seed', () => {
    expect(linesOf('--seed', '7')).toEqual(linesOf('--seed', '7'));
    expect(linesOf('--seed', '7')).not.toEqual(linesOf('--seed', '8'));
  });

  it('the plan of a chaos run has no action in the quiet time at the end', () => {
    const last = planOf('--minutes', '3', '--quiet', '60').at(-1);
    expect(last?.atSeconds).toBeLessThan(120);
  });

  it('a plan without some groups lacks only the actions of these groups', () => {
    const all = linesOf('--seed', '7');
    const without = linesOf('--seed', '7', '--without', 'operator,network');
    expect(without).toEqual(all.filter((line) => !/^\S+ {2}(operator|network) /.test(line)));
    expect(without.length).toBeLessThan(all.length);
  });

  it('a plan of one group has exactly the actions of this group in the full plan', () => {
    const only = linesOf('--seed', '7', '--only', 'network');
    expect(only).toEqual(linesOf('--seed', '7').filter((line) => /^\S+ {2}network /.test(line)));
    expect(only.length).toBeGreaterThan(0);
  });

  it('a plan of half an hour has actions of every group and one key rotation', () => {
    const groups = planOf('--minutes', '30').map(({ group }) => group);
    expect(new Set(groups)).toEqual(new Set([...actionTypes.map(({ group }) => group), 'rotation']));
    expect(groups.filter((group) => group === 'rotation')).toHaveLength(1);
  });
});

describe('the command line of a chaos run', () => {
  it.each([
    [['--minutes', 'ten'], '--minutes is "ten"'],
    [['--rate', '0'], '--rate is "0"'],
    [['--without', 'weather'], 'not weather'],
    [['--only', 'weather'], 'not weather'],
    [['--minutes', '1', '--quiet', '60'], '--quiet must be shorter'],
    [['--colour'], 'npm run chaos'],
  ])('the command line %j is refused with the reason', (args, text) => {
    const read = (): unknown => readCommand(args, null);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(text);
  });

  it('a chaos run uses an existing build unless the sources are requested with --build none', () => {
    expect(readCommand([], '/a/dist').options.build).toBe('/a/dist');
    expect(readCommand(['--build', 'none'], '/a/dist').options.build).toBeNull();
  });
});
