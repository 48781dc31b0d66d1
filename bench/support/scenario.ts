import { parseOptions, type Options } from './options.ts';
import { buildProduct, findPrograms, type Programs } from './programs.ts';
import type { Findings } from './report.ts';
import { startStack, type Stack } from './stack.ts';

/** Tells the person at the terminal how far it is. */
export type Say = (line: string) => void;

export interface Outcome {
  readonly options: Readonly<Record<string, unknown>>;
  readonly programs: Partial<Programs>;
  readonly findings: Findings;
}

/** One benchmark, as `npm run bench -- <name>` runs it. */
export interface Scenario {
  readonly title: string;
  readonly defaults: Partial<Options>;
  run(args: readonly string[], say: Say): Promise<Outcome>;
}

/** A benchmark that needs the real parts: they are started before it, and stopped after it however it ends. */
export function scenarioOnStack<O extends Pick<Options, 'vault' | 'build' | 'keep'> & Partial<Options>>(scenario: {
  readonly title: string;
  readonly defaults: O;
  readonly measure: (stack: Stack, options: O, say: Say) => Promise<Findings>;
}): Scenario {
  const { title, defaults, measure } = scenario;
  return {
    title,
    defaults,
    async run(args, say) {
      const options = parseOptions(args, defaults);
      const programs = await findPrograms(say);
      if (options.build) await buildProduct(say);
      const stack = await startStack(programs, options);
      try {
        return { options, programs, findings: await measure(stack, options, say) };
      } finally {
        await stack.close();
      }
    },
  };
}
