import { DefaultLogger, Runtime } from '@temporalio/worker';
import { runReplay } from './replay/command.ts';

/** `npm run replay -- --address host:port`: whether this build can go on with what lives in an installation. */
// What a history does not replay of is told in the report; the SDK's own lines would say it once more, with a stack.
Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) });
process.exitCode = await runReplay(process.argv.slice(2), process.env, {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
});
