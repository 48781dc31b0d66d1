import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { onTestFinished, expect, test, vi } from 'vitest';
import { dockerComposeConfig } from '../../../scripts/check/docker-compose-config.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { plant } from './plant.ts';

const file = { 'docker-compose.yml': 'services:\n  a:\n    environment: { B: "${NEEDED:?sentence}" }\n' };

/** A `docker` that says its version and then does what the test says with the arguments of `config`. */
function dockerThat(script: string): void {
  const folder = temporaryFolder();
  const program = join(folder, 'docker');
  writeFileSync(program, `#!/bin/sh\nif [ "$2" = version ]; then echo 2.40.0; exit; fi\n${script}\n`);
  chmodSync(program, 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
  onTestFinished(() => void vi.unstubAllEnvs());
}

test('what Compose refuses is a problem, in its own words', async () => {
  dockerThat('echo "services.a: unknown key" >&2; exit 15');
  await using repository = plant(file, { ours: [] });
  expect((await dockerComposeConfig.run(repository)).problems).toEqual(['docker-compose.yml: services.a: unknown key']);
});

test('every value that a person must set is given, so that only the file itself can be refused', async () => {
  dockerThat('grep -qx NEEDED=check "$3/.env"');
  await using repository = plant(file, { ours: [] });
  expect(await dockerComposeConfig.run(repository)).toEqual({ problems: [], note: 'compose 2.40.0' });
});

test('without Compose the check says that it did not run', async () => {
  vi.stubEnv('PATH', '');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  await using repository = plant(file, { ours: [] });
  expect(await dockerComposeConfig.run(repository)).toEqual({
    problems: [],
    note: 'not run: docker compose is not installed',
  });
});
