import { DefaultLogger, Runtime } from '@temporalio/worker';
import { runReplay } from './replay/command.ts';

/** `npm run replay -- --address host:port`: whether this build can go on with what lives in an installation. */
// The report says why a history does not replay; the SDK would log it again, with a stack.
Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) });
process.exitCode = await runReplay(process.argv.slice(2), process.env, {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
});
