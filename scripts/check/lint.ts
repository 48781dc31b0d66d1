import type { Check } from './check.ts';
import { complaints, runTool } from './tool.ts';

/** oxlint with its type-aware rules, as `.oxlintrc.json` has them. */
export const lint: Check = {
  name: 'lint',
  async run({ root }) {
    // Warnings count: a tsconfig that the type-aware half cannot read is only a warning, and switches that half off.
    const result = await runTool('oxlint', ['--format', 'unix', '--deny-warnings'], root);
    return { problems: complaints(result).filter((line) => !/^\d+ problems?$/.test(line)) };
  },
};
