/**
 * A tiny process in the place of a real one, for tests of the supervisor: `stand-in.ts NAME PORT JOURNAL`. Serves
 * 200 on PORT (0 = none), writes when it starts and stops into JOURNAL; with `REFUSE` set it ends as a process does
 * whose configuration is wrong, with `STUBBORN` it does not hear SIGTERM. Answers with the start id that it was given, as
 * the API does.
 */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [name = '', port = '0', journal = ''] = process.argv.slice(2);
const note = (what: string): void => appendFileSync(journal, `${name} ${what}\n`);

if (process.env['REFUSE']) {
  process.stderr.write(`${process.env['REFUSE']}\n`);
  process.exit(78);
}
if (process.env['GRANDCHILD']) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  note(`grandchild ${child.pid}`);
}
process.on('SIGTERM', () => {
  if (process.env['STUBBORN']) return;
  note('stopped');
  process.exit(0);
});
const status = process.env['UNREADY'] ? 503 : 200;
const headers = { 'mooring-start-id': process.env['MOORING_START_ID'] ?? 'none' };
createServer((_, reply) => reply.writeHead(status, headers).end()).listen(Number(port), '127.0.0.1', () =>
  note(`started ${process.pid}`),
);
