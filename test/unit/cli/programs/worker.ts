// A worker in small: runs one program through the door, for as long as that takes.
import { createCli } from '../../../../providers/cli/run-cli.ts';

const cli = createCli({ environment: process.env });
await cli.run({
  file: process.execPath,
  args: process.argv.slice(2),
  env: {},
  timeoutMs: 600_000,
  maxBytes: 1_000,
  signal: new AbortController().signal,
});
