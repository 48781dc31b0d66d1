import type { Check } from './check.ts';
import { lines, runTool } from './tool.ts';

const path = 'docs/openapi.json';

/** Redocly's rules on the generated description of the API, as `redocly.yaml` has them. Offline. */
export const openapi: Check = {
  name: 'openapi',
  async run({ root, files }) {
    if (!files.includes(path)) return { problems: [`${path}: is missing; run npm run generate`] };
    const result = await runTool('redocly', ['lint', path, '--config', 'redocly.yaml', '--format', 'checkstyle'], root);
    if (result.ok) return { problems: [] };
    return { problems: lines(result.output).filter((line) => line.includes('<error')) };
  },
};
