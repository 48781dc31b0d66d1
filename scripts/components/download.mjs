import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { run } from './programs.mjs';

const INDEX = 'https://temporal.download';
const ANSWER_WITHIN_MS = 5_000;
const DOWNLOAD_WITHIN_MS = 10 * 60_000;
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };

/**
 * Temporal's own download service, as its SDKs use it: an index answers where the archive is and which file of it
 * is the program. Calls `place(program)` with the unpacked program; answers false where the service can't be
 * reached quickly or has nothing for this machine, so that the caller can get the program another way.
 *
 * @param {{ artifact: 'cli' | 'temporal-test-server', version: string, query?: Record<string, string> }} wanted
 * @param {(program: string) => Promise<void>} place
 * @param {typeof fetch} [fetchFrom]
 */
export async function downloadFromTemporal({ artifact, version, query = {} }, place, fetchFrom = fetch) {
  const architecture = ARCHITECTURES[arch()];
  if (!architecture) return false;
  const parameters = new URLSearchParams({ arch: architecture, platform: platform(), format: 'tar.gz', ...query });
  const index = await ask(fetchFrom, `${INDEX}/${artifact}/${version}?${parameters.toString()}`, ANSWER_WITHIN_MS);
  if (!index) return false;
  const { archiveUrl, fileToExtract } = await index.json();
  const archive = await ask(fetchFrom, archiveUrl, DOWNLOAD_WITHIN_MS);
  if (!archive) return false;
  const folder = await mkdtemp(join(tmpdir(), 'mooring-download-'));
  try {
    await pipeline(Readable.fromWeb(archive.body), createWriteStream(join(folder, 'archive')));
    await run('tar', ['-xzf', 'archive', fileToExtract], { cwd: folder, label: `Unpacking ${artifact}` });
    await place(join(folder, fileToExtract));
    return true;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Undefined if the service cannot be reached or refuses. */
async function ask(fetchFrom, url, withinMs) {
  try {
    const answer = await fetchFrom(url, { signal: AbortSignal.timeout(withinMs) });
    return answer.ok ? answer : undefined;
  } catch {
    return undefined;
  }
}
