import type { Check } from './check.ts';
import { lines, runTool } from './tool.ts';

/** Prettier, as `.prettierrc.json` has it. */
export const format: Check = {
  name: 'format',
  async run({ root }) {
    const result = await runTool('prettier', ['--list-different', '--log-level', 'warn', '.'], root);
    if (result.ok) return { problems: [] };
    return { problems: lines(result.output).map((line) => `${line}: not formatted; run npx prettier --write on it`) };
  },
};
