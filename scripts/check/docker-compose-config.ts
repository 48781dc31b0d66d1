import { execa } from 'execa';
import type { Check } from './check.ts';

/** Compose's own opinion of the file, where Compose is installed; it needs no engine for that. */
export const dockerComposeConfig: Check = {
  name: 'compose-config',
  async run(repository) {
    const version = await execa('docker', ['compose', 'version', '--short'], { reject: false });
    if (version.exitCode !== 0) return { problems: [], note: 'not run: docker compose is not installed' };
    const wanted = [...repository.read('docker-compose.yml').matchAll(/\$\{(\w+):\?/g)].map(
      ([, name = '']) => [name, 'check'] as const,
    );
    const result = await execa(
      'docker',
      ['compose', '--env-file', '/dev/null', 'config', '--quiet', '--no-env-resolution'],
      {
        cwd: repository.root,
        reject: false,
        env: Object.fromEntries(wanted),
      },
    );
    return {
      problems: result.exitCode === 0 ? [] : [`docker-compose.yml: ${result.stderr}`],
      note: `compose ${version.stdout}`,
    };
  },
};
