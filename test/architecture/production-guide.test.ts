import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const guide = readFileSync(join(root, 'docs/production.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

test('the guide revokes the root token after its last use, and never writes it into the shell’s history', () => {
  const uses = [...guide.matchAll(/-e VAULT_TOKEN.*$/gm)].map(([line]) => line);
  expect(uses.length).toBeGreaterThan(3);
  expect(uses.at(-1)).toContain('vault token revoke -self');
  expect(guide).not.toMatch(/VAULT_TOKEN=[<\w]/);
  expect(guide).toMatch(/read -rs VAULT_TOKEN/);
});

test('the guide enables Vault’s audit before any secret is in it', () => {
  const [audit, setup] = ['vault audit enable', 'vault-setup     #'].map((text) => guide.indexOf(text));
  expect(audit).toBeGreaterThan(0);
  expect(audit).toBeLessThan(setup ?? 0);
});

test('the guide makes .env readable for its owner alone', () => {
  expect(guide).toContain('install -m 600 .env.example .env');
  expect(guide).not.toContain('cp .env.example');
});

test('the guide names only scripts and files that there are', () => {
  const commands = [...guide.matchAll(/npm run ([\w-]+)/g)].map(([, name = '']) => name);
  expect(commands.filter((name) => !(name in scripts))).toEqual([]);
  const files = [...guide.matchAll(/(?:^ *|`)(deploy\/[\w./-]+\.sh|test\/[\w./-]+\.ts)/gm)].map(
    ([, file = '']) => file,
  );
  expect(files.length).toBeGreaterThan(1);
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});
