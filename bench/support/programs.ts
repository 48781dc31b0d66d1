import { components } from '../../scripts/components/index.mjs';
import { build } from '../../scripts/build/build.ts';
import { join } from 'node:path';

/** The real parts, by path. */
export interface Programs {
  readonly temporal: string;
  readonly vault: string;
  readonly redis: string;
}

/** Finds them, or gets them first: Vault takes minutes where it must be built. */
export async function findPrograms(say: (line: string) => void): Promise<Programs> {
  const { temporal, vault, redis } = components;
  // Plain JavaScript, whose default says that it is called without a line.
  const log = say as () => void;
  return {
    temporal: await temporal.ensure({ log }),
    redis: await redis.ensure({ log }),
    vault: await vault.ensure({ log }),
  };
}

/** Where `npm run build` puts the product. */
export const buildFolder = join(import.meta.dirname, '../../dist');

export async function buildProduct(say: (line: string) => void): Promise<void> {
  say('Building the product.');
  await build(buildFolder);
}
