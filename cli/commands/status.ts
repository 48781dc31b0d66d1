import { Command } from 'commander';
import { errorOf, unreachable } from '../client/error.ts';
import { MooringError, type Answer, type MooringClient } from '../client/index.ts';
import { exitCodes } from '../exit-codes.ts';
import type { MakeCommand } from './command.ts';

interface Part {
  readonly part: string;
  readonly state: string;
  readonly why: string | null;
}

export const status: MakeCommand = (context) =>
  new Command('status')
    .description('Whether the installation works: its parts, and the clouds. Ends with 1 where something does not.')
    .action(async () => {
      const { url, apiKey, source } = context.target();
      context.terminal.say(`${url} (${source})`);
      const client = context.clientFor(url, apiKey);
      const parts = await readiness(url, context.signal);
      const clouds = apiKey === undefined ? [] : await providers(client, context.signal);
      await context.print().rows<Part>(
        [
          { name: 'part', value: ({ part }) => part },
          { name: 'state', value: ({ state }) => state },
          { name: 'why', value: ({ why }) => why },
        ],
        [...parts, ...clouds],
      );
      if (parts.some(({ state }) => state !== 'ok')) context.exitWith(exitCodes.error.code);
    });

/** 503 is an answer too: it says which part is missing. Asked without the key, which it does not need. */
async function readiness(url: string, signal: AbortSignal): Promise<Part[]> {
  const target = `${url.replace(/\/$/, '')}/readyz`;
  const response = await fetch(target, { signal, redirect: 'manual' }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw unreachable(target, error);
  });
  if (!response.ok && response.status !== 503) throw await errorOf(response);
  const { checks } = (await response.json()) as Answer<'/readyz', 'get'>;
  return checks.map(({ name, ok }) => ({
    part: name,
    state: ok ? 'ok' : 'down',
    why: ok ? null : 'the log of the API says why',
  }));
}

/** A key that may not see the clouds still sees the parts. */
async function providers(client: MooringClient, signal: AbortSignal): Promise<Part[]> {
  try {
    const { items } = await client.get('/v1/providers', { signal });
    return items.map(({ id, enabled, state, problem }) => ({
      part: `provider ${id}`,
      state: enabled ? state : 'off',
      why: problem?.message ?? null,
    }));
  } catch (error) {
    if (error instanceof MooringError && error.code === 'insufficient_scope') return [];
    throw error;
  }
}
