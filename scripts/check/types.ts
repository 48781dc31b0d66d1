import type { Check } from './check.ts';
import { lines, runTool } from './tool.ts';

/** The compiler, with the flags of `tsconfig.json`. */
export const types: Check = {
  name: 'types',
  async run({ root }) {
    const result = await runTool('tsc', ['-p', '.', '--pretty', 'false'], root);
    return { problems: result.ok ? [] : lines(result.output) };
  },
};
