import { systemClock, type Clock } from '../../../platform/clock.ts';
import { runKey } from '../../../scripts/key/commands.ts';
import type { StatusReport } from '../../../scripts/key/report.ts';

const HOUR_MS = 3_600_000;

/** What is in Redis for a day is not counted: the command refuses for as long. */
export const aDayLater: Clock = { now: () => Date.now() + 25 * HOUR_MS };

/** `npm run key -- …` in the environment of a worker. */
export function createKeyCommand(environment: () => Readonly<Record<string, string>>) {
  async function run(args: readonly string[], clock: Clock = systemClock) {
    const lines: string[] = [];
    const write = (line: string): void => void lines.push(line);
    const code = await runKey(args, environment(), clock, { out: write, err: write });
    return { code, output: lines.join('\n') };
  }
  return {
    run,
    /** By place, how much is sealed with the key. */
    async sealedWith(keyId: string): Promise<Readonly<Record<string, number>>> {
      const report = JSON.parse((await run(['status', '--json'])).output) as StatusReport;
      return report.keys.find(({ id }) => id === keyId)?.sealed ?? {};
    },
  };
}
