import type { Check } from './check.ts';
import { runTool } from './tool.ts';

const path = 'docs/openapi.json';

/** Redocly's rules on the generated description of the API, as `redocly.yaml` has them. Offline. */
export const openapi: Check = {
  name: 'openapi',
  async run({ root, files }) {
    if (!files.includes(path)) return { problems: [`${path}: is missing; run npm run generate`] };
    const result = await runTool('redocly', ['lint', path, '--config', 'redocly.yaml', '--format', 'checkstyle'], root);
    if (result.ok) return { problems: [] };
    const found = [...result.stdout.matchAll(/<error line="(\d+)".*? message="(.*?)" source="(.*?)"/g)];
    if (found.length === 0) return { problems: [`redocly did not run: ${result.output}`] };
    return { problems: found.map(([, line, message, rule]) => `${path}:${line}: ${message} (${rule})`) };
  },
};
