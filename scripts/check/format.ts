import type { Check } from './check.ts';
import { complaints, runTool } from './tool.ts';

/** Prettier, as `.prettierrc.json` has it. */
export const format: Check = {
  name: 'format',
  async run({ root }) {
    const result = await runTool('prettier', ['--list-different', '.'], root);
    // It lists paths, but for what it could not read or parse.
    const problems = complaints(result).map((line) =>
      line.startsWith('[') ? line : `${line}: not formatted; run npx prettier --write on it`,
    );
    return { problems };
  },
};
