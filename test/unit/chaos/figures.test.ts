import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'prettier';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ChaosOutcome } from '../../chaos/run/outcome.ts';
import { readCommand } from '../../chaos/run/options.ts';
import { writeFigures } from '../../chaos/run/figures.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const file = join(temporaryFolder(), 'figures.md');
const read = async (): Promise<string> => await readFile(file, 'utf8');

const outcome = (seed: number, spent: number): ChaosOutcome => ({
  seed,
  options: { ...readCommand([], null).options, without: [] },
  startedAt: '2026-11-29T12:00:00Z',
  tookSeconds: 1900,
  settledSeconds: 12.3,
  actions: { 'kill -9 api': { done: 3, skipped: 1, failed: 0 } },
  failedActions: [],
  requests: { get: { 200: 40, 503: 2 } },
  connections: { accepted: 5, disconnected: 1, statuses: { active: 4 } },
  refreshTokens: { spent, spentAgain: 2, markedReplays: 2, whileDisconnecting: 0 },
  replayed: { connection: 5 },
  crashes: [],
  invariants: [],
  violations: [],
  folder: '/nowhere',
});

describe('the figures of chaos runs in a document', () => {
  beforeEach(async () => {
    await writeFile(file, 'Before.\n\n<!-- chaos figures -->\n<!-- end of chaos figures -->\n\nAfter.\n');
  });

  it('chaos figures are put between the markers, one row for each seed in order, and nothing else changes', async () => {
    await writeFigures(file, outcome(3, 100));
    await writeFigures(file, outcome(1, 50));
    const text = await read();
    expect(text).toMatch(/^Before\.\n\n<!-- chaos figures -->\n/);
    expect(text).toMatch(/<!-- end of chaos figures -->\n\nAfter\.\n$/);
    const rows = text.split('\n').filter((line) => /^\| \d/.test(line));
    expect(rows.map((row) => row.replaceAll(/ +/g, ' '))).toEqual([
      '| 1 | 30 | 3 | 42 | 5 | 50 | 2 | 5 | 12 s | 0 |',
      '| 3 | 30 | 3 | 42 | 5 | 100 | 2 | 5 | 12 s | 0 |',
    ]);
    expect(await format(text, { parser: 'markdown' })).toBe(text);
  });

  it('the chaos figures of a seed are replaced by its next run', async () => {
    await writeFigures(file, outcome(3, 100));
    await writeFigures(file, outcome(3, 200));
    expect(await read()).toContain('| 200 ');
    expect(await read()).not.toContain('| 100 ');
  });

  it('writing chaos figures fails in a document without the markers', async () => {
    await writeFile(file, 'Nothing here.\n');
    await expect(writeFigures(file, outcome(1, 1))).rejects.toThrow('chaos figures');
  });
});
