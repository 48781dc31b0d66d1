import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Check } from './check.ts';

const path = 'docker-compose.yml';

/** Compose's own opinion of the file, where Compose is installed; it needs no engine for that. */
export const dockerComposeConfig: Check = {
  name: 'compose-config',
  async run(repository) {
    const version = await execa('docker', ['compose', 'version', '--short'], { reject: false });
    if (version.exitCode !== 0) return { problems: [], note: 'not run: docker compose is not installed' };
    const wanted = [...repository.read(path).matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name);
    // A folder with a `.env` of its own: nobody's real one is read, and none is missing.
    const folder = await mkdtemp(join(tmpdir(), 'mooring-compose-'));
    try {
      await writeFile(join(folder, '.env'), wanted.map((name) => `${name}=check\n`).join(''));
      const args = [
        'compose',
        '--project-directory',
        folder,
        '--file',
        join(repository.root, path),
        'config',
        '--quiet',
      ];
      const { exitCode, stderr } = await execa('docker', args, { reject: false });
      return { problems: exitCode === 0 ? [] : [`${path}: ${stderr}`], note: `compose ${version.stdout}` };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
