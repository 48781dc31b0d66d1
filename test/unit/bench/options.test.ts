import { describe, expect, test } from 'vitest';
import { scenarios } from '../../../bench/scenarios/index.ts';
import { OptionError, parseOptions } from '../../../bench/support/options.ts';
import { commandOf } from '../../../bench/support/render.ts';

const defaults = {
  connections: [300] as readonly number[],
  seconds: 40,
  build: true,
  keep: false,
  vault: 'raft' as const,
};

describe('the options of a benchmark', () => {
  test('are its defaults where nothing is said', () => {
    expect(parseOptions([], defaults)).toEqual(defaults);
  });

  test('take a value after a space or an equals sign, and sizes in ascending order', () => {
    expect(parseOptions(['--connections', '2000,300', '--seconds=5'], defaults)).toMatchObject({
      connections: [300, 2000],
      seconds: 5,
    });
  });

  test('take a switch as it is, or with no- before it', () => {
    expect(parseOptions(['--keep', '--no-build'], defaults)).toMatchObject({ keep: true, build: false });
  });

  test.for([
    [['--latency', '5'], '--latency is not an option here. There are: --connections --seconds --build --keep --vault.'],
    [['300'], '300 is not an option here'],
    [['--seconds'], '--seconds needs a value'],
    [['--no-seconds', '5'], '--no-seconds needs a value'],
    [['--seconds', '0'], '--seconds takes a whole number from 1 on, not "0"'],
    [['--seconds', '1.5'], 'not "1.5"'],
    [['--connections', '300,'], '--connections takes a whole number from 1 on, not ""'],
    [['--vault', 'consul'], '--vault takes raft or dev, not "consul"'],
  ] as const)('%j are refused in one sentence', ([args, sentence]) => {
    const refused = (): unknown => parseOptions(args, defaults);
    expect(refused).toThrow(OptionError);
    expect(refused).toThrow(sentence);
  });

  test('of every benchmark can be given as they are printed', () => {
    for (const [name, scenario] of Object.entries(scenarios)) {
      const printed = commandOf({ name, options: { ...scenario.defaults } })
        .split(' ')
        .slice(5);
      expect(parseOptions(printed, scenario.defaults), name).toEqual(scenario.defaults);
    }
  });
});
