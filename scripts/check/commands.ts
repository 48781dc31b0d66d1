import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import type { Check } from './check.ts';

/** Found from here, because the checked tree may be another one: tests plant some. */
const binaries = join(import.meta.dirname, '../../node_modules/.bin');

/** Rules that a tool checks by its own configuration, slow ones first: name → command, run in the root of the repository. */
const commands = {
  types: 'tsc -p . --pretty false',
  // Warnings count: a tsconfig.json that oxlint cannot read is only a warning, and switches the type-aware rules off.
  lint: 'oxlint --format unix --deny-warnings',
  arrows:
    'depcruise --config .dependency-cruiser.cjs --output-type err --no-progress ' +
    'contracts platform stores providers workflows activities api worker cli sandbox scripts test bench',
  format: 'prettier --check .',
  'dead-code': 'knip --no-progress --no-config-hints',
  openapi: 'redocly lint docs/openapi.json --config redocly.yaml --format stylish',
} as const;

export const commandChecks = Object.entries(commands).map(([name, command]) => commandCheck(name, command));

/** The check of that name in the table above. */
export function commandCheck(name: string, command: string = commands[name as keyof typeof commands]): Check {
  return {
    name,
    run: async ({ root }) => ({ problems: await complaints(command.split(' '), root) }),
  };
}

/** What a failed command printed, line by line; none where it succeeded. Throws where it could not be started. */
async function complaints([program = '', ...args]: readonly string[], root: string): Promise<string[]> {
  const result = await execa(join(binaries, program), args, {
    cwd: root,
    reject: false,
    all: true,
    stdin: 'ignore',
    maxBuffer: 64 * 1024 * 1024,
    env: {
      // The tools' `#!/usr/bin/env node` must find the locked Node, not an older one of the system.
      PATH: `${binaries}${delimiter}${process.env['PATH'] ?? ''}`,
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      REDOCLY_TELEMETRY: 'off',
      REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
    },
  });
  if (result.exitCode === undefined) {
    throw new Error(`${program} could not be started: ${result.shortMessage}`, { cause: result });
  }
  if (result.exitCode === 0) return [];
  const lines = result.all.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 ? lines : [`${program} failed without a message`];
}

/** Docker Compose's own validation, where Compose is installed. It needs no Docker engine. */
export const composeConfig: Check = {
  name: 'compose-config',
  async run(repository) {
    const { root } = repository;
    const path = 'docker-compose.yml';
    const version = await execa('docker', ['compose', 'version', '--short'], { reject: false });
    if (version.exitCode !== 0) return { problems: [], note: 'not run: docker compose is not installed' };
    const required = [...repository.read(path).matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name);
    // A project directory with an `.env` of its own, so that the developer's `.env` changes nothing.
    const project = await mkdtemp(join(tmpdir(), 'mooring-compose-'));
    try {
      await writeFile(join(project, '.env'), required.map((name) => `${name}=check\n`).join(''));
      const args = ['--project-directory', project, '--file', join(root, path), 'config', '--quiet'];
      const { exitCode, stderr } = await execa('docker', ['compose', ...args], { reject: false });
      return { problems: exitCode === 0 ? [] : [`${path}: ${stderr}`], note: `compose ${version.stdout}` };
    } finally {
      await rm(project, { recursive: true, force: true });
    }
  },
};
