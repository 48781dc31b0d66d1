import { chmod, copyFile, mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

import { cachedProgram, findProgram, run } from './programs.mjs';
import { downloadFromTemporal } from './download.mjs';

// The newest version that `go install` accepts: later ones have replace directives.
const VERSION = 'v1.5.1';

/** The `temporal` on PATH, else the one kept before; null where there is neither. */
export const findTemporal = () => findProgram('temporal');

/** Finds the Temporal CLI (its dev server and UI), downloads it, or builds it through the Go module proxy. */
export async function ensureTemporal({ log = () => {} } = {}) {
  const found = await findTemporal();
  if (found) return found;
  const target = cachedProgram('temporal');
  await mkdir(dirname(target), { recursive: true });
  log(`Getting the Temporal CLI ${VERSION} into ${target}: once, usually half a minute.`);
  const downloaded = await downloadFromTemporal({ artifact: 'cli', version: VERSION }, (program) =>
    moveInto(target, program),
  );
  if (downloaded) return target;
  if (!(await findProgram('go'))) {
    throw new Error(
      'The Temporal CLI is not installed, its download (temporal.download) cannot be reached, and Go to build it is ' +
        'not installed either. Install the CLI as https://docs.temporal.io/cli says and put it on PATH, or set ' +
        'TEMPORAL_ADDRESS to a Temporal that is already running.',
    );
  }
  log('temporal.download cannot be reached: building it with Go instead, about 3 minutes on two cores.');
  await buildWithGo(target, log);
  return target;
}

async function buildWithGo(target, log) {
  // A folder of its own, then one rename: the cache never has half a program.
  const folder = `${target}-build.${process.pid}`;
  await run('go', ['install', `github.com/temporalio/cli/cmd/temporal@${VERSION}`], {
    env: { GOBIN: folder, CGO_ENABLED: '0', GOWORK: 'off' },
    label: 'Building the Temporal CLI',
    log,
  });
  await rename(`${folder}/temporal`, target);
  await run('rmdir', [folder], {});
}

/** The download may be on another file system, from which there is no rename. */
async function moveInto(target, program) {
  const unfinished = `${target}.${process.pid}`;
  await copyFile(program, unfinished);
  await chmod(unfinished, 0o755);
  await rename(unfinished, target);
}
