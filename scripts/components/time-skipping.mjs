import { access, chmod, copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cacheFolder, findProgram, run } from './programs.mjs';
import { downloadFromTemporal } from './download.mjs';

const SDK_VERSION = '1.24.0';
const SERVER_VERSION = '1.38.0';
const sources = fileURLToPath(new URL('./time-skipping/', import.meta.url));
const folder = () => join(cacheFolder(), `time-skipping-${SERVER_VERSION}`);
const executable = () => join(folder(), 'temporal-test-server');

/** The executable of Temporal's time-skipping test server that was kept before; null where there is none. */
export async function findTimeSkipping() {
  try {
    await access(executable());
    return executable();
  } catch {
    return null;
  }
}

/** Finds the time-skipping test server, downloads it, or assembles it from Maven Central for the machine's Java. */
export async function ensureTimeSkipping({ log = () => {} } = {}) {
  const found = await findTimeSkipping();
  if (found) return found;
  log(`Getting Temporal's time-skipping test server into ${folder()}: once, usually half a minute.`);
  await mkdir(folder(), { recursive: true });
  const query = { 'sdk-name': 'sdk-typescript', 'sdk-version': SDK_VERSION };
  const downloaded = await downloadFromTemporal(
    { artifact: 'temporal-test-server', version: 'default', query },
    async (program) => {
      await copyFile(program, `${executable()}.${process.pid}`);
      await publish();
    },
  );
  if (!downloaded) await assemble(log);
  return executable();
}

async function assemble(log) {
  const missing = [];
  for (const program of ['java', 'javac', 'jar', 'mvn']) if (!(await findProgram(program))) missing.push(program);
  if (missing.length > 0) {
    throw new Error(
      `Temporal's time-skipping test server cannot be downloaded (temporal.download), nor assembled: ${missing.join(', ')} ` +
        'not found. Install a JDK (17 or newer) and Maven; until then the time-skipped suites are skipped.',
    );
  }
  const options = { cwd: folder(), log, label: 'Assembling the time-skipping test server' };
  const library = join(folder(), 'lib');
  const classes = join(folder(), 'classes');
  const pom = join(sources, 'pom.xml');
  await run(
    'mvn',
    ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${library}`, '-DincludeScope=runtime'],
    options,
  );
  await run('javac', ['-cp', `${library}/*`, '-d', classes, join(sources, 'LoopbackTestServer.java')], options);
  await run('jar', ['cf', join(library, 'loopback.jar'), '-C', classes, '.'], options);
  await rm(classes, { recursive: true });
  await writeLauncher(library, options);
}

/**
 * The SDK gives a server 5 s to start, which a cold JVM on a busy machine may miss: an archive of the loaded
 * classes (AppCDS) takes the start from 1.5 s to 0.4 s. It asks for the very same class path at every start, so
 * that is spelled out instead of `lib/*`.
 */
async function writeLauncher(library, options) {
  const jars = (await readdir(library)).filter((name) => name.endsWith('.jar')).sort();
  const classPath = jars.map((name) => join(library, name)).join(':');
  const archive = join(folder(), 'classes.jsa');
  const start = ['-cp', classPath, 'LoopbackTestServer', '0', '--start-only'];
  await run('java', [`-XX:ArchiveClassesAtExit=${archive}`, ...start], options);
  const flags = `-Xshare:auto -Xlog:disable -XX:SharedArchiveFile='${archive}' -XX:TieredStopAtLevel=1 -Xmx512m`;
  const script = `#!/bin/sh\nexec java ${flags} -cp '${classPath}' LoopbackTestServer "$@"\n`;
  await writeFile(`${executable()}.${process.pid}`, script);
  await publish();
}

/** The last step, and atomic: the executable appears only when everything that it needs is there. */
async function publish() {
  await chmod(`${executable()}.${process.pid}`, 0o755);
  await rename(`${executable()}.${process.pid}`, executable());
}
