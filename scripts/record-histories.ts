import { spawnSync } from 'node:child_process';

/**
 * Records the histories that `test/replay` replays, anew, from the workflows as they are. Run it when a change of
 * the workflows is meant to break the replay of older ones: before a release, never after one (use `patched` then).
 */
const { status } = spawnSync('vitest', ['run', '--config', 'test/replay/record.config.ts'], { stdio: 'inherit' });
process.exitCode = status ?? 1;
