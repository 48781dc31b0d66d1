import type { Check } from './check.ts';
import { lines, runTool } from './tool.ts';

/** oxlint with its type-aware rules, as `.oxlintrc.json` has them. */
export const lint: Check = {
  name: 'lint',
  async run({ root }) {
    // Warnings count: a tsconfig that the type-aware half cannot read is only a warning, and switches that half off.
    const result = await runTool('oxlint', ['--format', 'unix', '--deny-warnings'], root);
    if (result.ok) return { problems: [] };
    return { problems: lines(result.output).filter((line) => !/^\d+ problems?$/.test(line)) };
  },
};
