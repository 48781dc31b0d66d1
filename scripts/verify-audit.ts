import { runVerifyAudit } from './verify-audit/command.ts';

/** `npm run verify-audit -- audit.jsonl`: whether an exported audit record is whole. */
process.exitCode = await runVerifyAudit(process.argv.slice(2), process.env, {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
});
