import { buildStandIn } from './ovhcloud/build.ts';

/** Stand-ins for the clouds' own programs, by the program's name: each is built on demand, and its path is the answer. */
export const programStandIns: Readonly<Record<string, () => Promise<string>>> = {
  ovhcloud: buildStandIn,
};
