import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { useWorld } from '../workflows/support/world.ts';
import { lives } from './lives.ts';
import { pathOf, payloadsOf, recorded, toText } from './recorded.ts';

const world = useWorld();

test.each(Object.keys(lives))('%s is recorded, without any token', async (name) => {
  const connection = await (lives[name] ?? expect.fail())(world);
  const { accessToken = [], refreshToken = [] } = await world.cloud.issued();
  mkdirSync(new URL('.', pathOf(name)), { recursive: true });
  writeFileSync(pathOf(name), `${toText(await connection.histories())}\n`);
  const told = payloadsOf(recorded(name));
  for (const token of [...accessToken, ...refreshToken]) expect(told).not.toContain(token);
});
