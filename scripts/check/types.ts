import type { Check } from './check.ts';
import { complaints, runTool } from './tool.ts';

/** The compiler, with the flags of `tsconfig.json`. */
export const types: Check = {
  name: 'types',
  async run({ root }) {
    return { problems: complaints(await runTool('tsc', ['-p', '.', '--pretty', 'false'], root)) };
  },
};
