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
  test('the options of a benchmark are its defaults where none are given', () => {
    expect(parseOptions([], defaults)).toEqual(defaults);
  });

  test('an option takes its value after a space or an equals sign, and sizes are sorted in ascending order', () => {
    expect(parseOptions(['--connections', '2000,300', '--seconds=5'], defaults)).toMatchObject({
      connections: [300, 2000],
      seconds: 5,
    });
  });

  test('a switch is set by its name and cleared by the prefix no-', () => {
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
  ] as const)('the arguments %j are refused in one sentence', ([args, sentence]) => {
    const refused = (): unknown => parseOptions(args, defaults);
    expect(refused).toThrow(OptionError);
    expect(refused).toThrow(sentence);
  });

  test('the options that each benchmark prints are parsed to the same values', () => {
    for (const [name, scenario] of Object.entries(scenarios)) {
      const printed = commandOf({ name, options: { ...scenario.defaults } })
        .split(' ')
        .slice(5);
      expect(parseOptions(printed, scenario.defaults), name).toEqual(scenario.defaults);
    }
  });
});
