import { chmod, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { rolldown } from 'rolldown';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export const builtFile = at('ovhcloud.mjs');

/** The stand-in as one executable file that needs Node.js alone: a worker starts it by path, like the real program. */
export async function buildStandIn(): Promise<string> {
  const bundle = await rolldown({ input: at('src/main.ts'), platform: 'node', logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'esm', comments: { legal: false } });
  const notice = '// Built from src/ by build.ts: change those, then run `node sandbox/ovhcloud/build.ts`.';
  const text = `#!/usr/bin/env node\n${notice}\n${output[0].code}`;
  return await format(text, { ...(await resolveConfig(builtFile)), parser: 'babel' });
}

if (import.meta.main) {
  await writeFile(builtFile, await buildStandIn());
  await chmod(builtFile, 0o755);
}
