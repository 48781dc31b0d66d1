import { createHash } from 'node:crypto';

import type { Sizes } from './kinds/index.ts';

/** A Public Cloud project. */
export interface Project {
  readonly id: string;
  /** Nichandle. */
  readonly account: string;
  readonly name: string;
}

/** A project's id is 32 hexadecimal digits; `text` makes always the same. */
export const projectIdOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

const large: Sizes = {
  instance: 24,
  kube: 3,
  database: 4,
  loadbalancer: 2,
  registry: 2,
  network: 3,
  volume: 18,
  s3: 8,
  swift: 2,
};
const small: Sizes = {
  instance: 5,
  kube: 1,
  database: 1,
  loadbalancer: 1,
  registry: 1,
  network: 2,
  volume: 4,
  s3: 3,
  swift: 1,
};

/** The resources of the people in `accounts.ts`; a person who is not named has none. */
const holdings: Readonly<Record<string, { projects: Readonly<Record<string, Sizes>>; account: Sizes }>> = {
  'la12345-ovh': {
    projects: { production: large, staging: small, laboratory: { instance: 2, volume: 1 } },
    account: { server: 6, vps: 3, ip: 8, vrack: 1 },
  },
  'ob67890-ovh': {
    projects: { shop: small, archive: { network: 1, s3: 12, swift: 4 } },
    account: { server: 2, ip: 2 },
  },
};

export const defaultProjects: readonly Project[] = Object.entries(holdings).flatMap(([account, { projects }]) =>
  Object.keys(projects).map((name) => ({ id: projectIdOf(`${account}/${name}`), account, name })),
);

const defaultSizes = new Map<string, Sizes>([
  ...Object.entries(holdings).map(([account, held]): [string, Sizes] => [account, held.account]),
  ...defaultProjects.map(({ id, account, name }): [string, Sizes] => [id, holdings[account]?.projects[name] ?? {}]),
]);

/** `owner` is a project's id or a nichandle. */
export const defaultSizesOf = (owner: string): Sizes => defaultSizes.get(owner) ?? {};
