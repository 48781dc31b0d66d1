import { whenOrphaned } from '../../../scripts/bootstrap/orphaned.mjs';
import type { Ports } from '../../../scripts/dev/ports.ts';
import { createDevelopmentStack } from '../../../scripts/dev/stack.ts';

/** The stack of `npm start` as a process, so that its supervisor can be killed too: `stack-main.ts <folder> <ports>`. */
const [stateDirectory = '', ports = '{}'] = process.argv.slice(2);
const stack = createDevelopmentStack({
  stateDirectory,
  ports: JSON.parse(ports) as Ports,
  say: (line) => process.stderr.write(`${line}\n`),
});
const stop = (): void => void stack.stop().then(() => process.exit(0));
process.once('SIGTERM', stop);
whenOrphaned(stop);
await stack.start();
