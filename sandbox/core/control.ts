import { Value } from 'typebox/value';

import type { Addresses } from './addresses.ts';
import { type Cloud, type ControlRoute, type Counters, SandboxError } from './cloud.ts';
import { FaultRuleSchema, type FaultRule, type Faults } from './faults.ts';
import type { Holds } from './holds.ts';
import type { Settings } from './settings.ts';

const MAX_WAIT_MS = 60_000;

/** The control API below `/_sandbox`, with which tests and developers control the simulated clouds. */
export function controlRoutes(deps: {
  settings: Settings;
  faults: Faults;
  holds: Holds;
  counters: Readonly<Record<string, Counters>>;
  clouds: readonly Cloud[];
  addresses: Addresses;
  reset: () => void;
}): ControlRoute[] {
  const { settings, faults, holds, counters, clouds, addresses } = deps;
  return [
    {
      method: 'GET',
      path: /^\/$/,
      handle: () => ({
        sandbox: 'Simulated clouds: nothing here is real, and nothing leaves this machine.',
        simulated: Object.fromEntries(clouds.map(({ id, endpoints = [] }) => [id, { endpoints }])),
        documentation: 'sandbox/README.md',
      }),
    },
    { method: 'GET', path: /^\/health$/, handle: () => ({ ok: true }) },
    { method: 'GET', path: /^\/settings$/, handle: () => settings.readAll() },
    { method: 'PUT', path: /^\/settings$/, handle: ({ body }) => settings.change(body) },
    {
      method: 'GET',
      path: /^\/counters$/,
      handle: () => Object.fromEntries(Object.entries(counters).map(([cloud, counts]) => [cloud, counts.read()])),
    },
    {
      method: 'GET',
      path: /^\/issued$/,
      handle: () => Object.fromEntries(clouds.map((cloud) => [cloud.id, cloud.issued()])),
    },
    { method: 'GET', path: /^\/addresses$/, handle: () => addresses.list() },
    { method: 'GET', path: /^\/faults$/, handle: () => faults.list() },
    {
      method: 'POST',
      path: /^\/faults$/,
      handle: ({ body }) => {
        for (const rule of rulesOf(body)) faults.add(rule);
        return faults.list();
      },
    },
    {
      method: 'DELETE',
      path: /^\/faults$/,
      handle: () => {
        faults.clear();
        return [];
      },
    },
    {
      method: 'GET',
      path: /^\/holds$/,
      handle: ({ query }) =>
        holds.wait(Math.min(Number(query.get('wait') ?? 0) || 0, MAX_WAIT_MS), query.get('endpoint')),
    },
    {
      method: 'POST',
      path: /^\/holds\/([^/]+)\/release$/,
      handle: ({ parameters: [id = ''] }) => {
        if (!holds.release(id)) throw new SandboxError(404, `No request is held as ${id}.`);
        return { released: id };
      },
    },
    {
      method: 'POST',
      path: /^\/reset$/,
      handle: () => {
        deps.reset();
        return { ok: true };
      },
    },
  ];
}

function rulesOf(body: unknown): FaultRule[] {
  const rules = Array.isArray(body) ? body : [body];
  for (const rule of rules) {
    if (!Value.Check(FaultRuleSchema, rule)) {
      throw new SandboxError(
        400,
        'A fault rule is {match: {cloud?, region?, endpoint?, path?}, times, action: {kind, …}}.',
      );
    }
  }
  return rules as FaultRule[];
}
