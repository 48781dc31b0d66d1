import { bucket, container, volume } from './storage.ts';
import { database } from './database.ts';
import { instance } from './instance.ts';
import { ip, loadBalancer, network, vrack } from './network.ts';
import { kube, registry } from './containers.ts';
import { region } from './region.ts';
import { server, vps } from './server.ts';

import type { Kind } from '../kind.ts';

/** By the name that the control API has for them. */
export const kinds = {
  region,
  instance,
  kube,
  database,
  loadbalancer: loadBalancer,
  registry,
  network,
  volume,
  s3: bucket,
  swift: container,
  server,
  vps,
  ip,
  vrack,
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;

export const kindNames = Object.keys(kinds) as KindName[];

/** How many there are of each kind; what is left out is 0. */
export type Sizes = Readonly<Partial<Record<KindName, number>>>;
