import { systemClock } from '../platform/clock.ts';
import { runKey } from './key/commands.ts';

/** `npm run key [id]` makes a key for MOORING_KEYS; `npm run key -- --help` says what else there is. */
process.exitCode = await runKey(process.argv.slice(2), process.env, systemClock, {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
});
