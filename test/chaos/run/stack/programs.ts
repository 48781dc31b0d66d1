import { components } from '../../../../scripts/components/index.mjs';

const needed = ['temporal', 'vault', 'redis', 'toxiproxy'] as const;
export type Programs = Readonly<Record<(typeof needed)[number], string>>;

/** The programs that a run needs, or the names of those that are not on this machine. */
export async function findPrograms(): Promise<{ programs: Programs } | { missing: readonly string[] }> {
  const found = await Promise.all(needed.map(async (name) => [name, await components[name].find()] as const));
  const missing = found.filter(([, path]) => path === null).map(([name]) => name);
  return missing.length > 0 ? { missing } : { programs: Object.fromEntries(found) as unknown as Programs };
}
