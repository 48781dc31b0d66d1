import { describe, expect, it, onTestFinished } from 'vitest';
import { createKeySessions } from '../../../../api/http/plugins/key-sessions.ts';
import { createLogger } from '../../../../platform/logger.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../../../stores/ephemeral/port.ts';
import { composeApp, type ComposedApp } from '../composed-app.ts';

/** Two API processes on the same stores, turn by turn. `down` = the ephemeral store answers none of them. */
async function twoProcesses() {
  const { deps, clock } = await composeApp();
  const { apiKeys, ephemeral } = deps;
  const store = { down: false };
  const assertUp = (): void => {
    if (store.down) throw new EphemeralStoreUnavailable('down');
  };
  const changes: Pick<EphemeralStore, 'append' | 'readStream'> = {
    async append(...args) {
      assertUp();
      return await ephemeral.append(...args);
    },
    async readStream(...args) {
      assertUp();
      return await ephemeral.readStream(...args);
    },
  };
  const start = () => {
    const forgotten: string[] = [];
    const sessions = createKeySessions({
      apiKeys,
      clock,
      ephemeral: changes,
      logger: createLogger('test', 'silent'),
      forget: (id) => forgotten.push(id),
    });
    return { sessions, forgotten };
  };
  const make = async (expiresAt: string | null = null) =>
    (await apiKeys.create({ tenant: 'acme', scopes: ['connections:read'], name: 'test', expiresAt })).apiKey;
  return { one: start(), other: start(), make, apiKeys, clock, store };
}

describe('what is held open for an API key', () => {
  it('a session ends at once in the process that revokes its key, and at the next turn in every other', async () => {
    const { one, other, make } = await twoProcesses();
    const [revoked, kept] = [await make(), await make()];
    const here = one.sessions.open(revoked);
    const there = [other.sessions.open(revoked), other.sessions.open(revoked), other.sessions.open(kept)];
    await other.sessions.look();
    await one.sessions.changed(revoked.id);
    expect(here.signal.aborted).toBe(true);
    expect(there.map(({ signal }) => signal.aborted)).toEqual([false, false, false]);
    await other.sessions.look();
    expect(there.map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
    expect([one.forgotten, other.forgotten]).toEqual([[revoked.id], [revoked.id]]);
  });

  it('many changes at once all reach the other process in one turn', async () => {
    const { one, other } = await twoProcesses();
    const ids = Array.from({ length: 250 }, (_none, n) => String(n).padStart(16, '0'));
    for (const id of ids) await one.sessions.changed(id);
    await other.sessions.look();
    expect(other.forgotten).toEqual(ids);
  });

  it('a session ends when its key expires', async () => {
    const { one, make, clock } = await twoProcesses();
    const session = one.sessions.open(await make('2026-11-23T08:00:10.000Z'));
    clock.advance(9);
    await one.sessions.look();
    expect(session.signal.aborted).toBe(false);
    clock.advance(1);
    await one.sessions.look();
    expect(session.signal.aborted).toBe(true);
  });

  it('a session that was opened just as its key was revoked ends at the next turn', async () => {
    const { one, other, make, apiKeys } = await twoProcesses();
    const apiKey = await make();
    await apiKeys.revoke(apiKey.id);
    await one.sessions.changed(apiKey.id);
    await other.sessions.look();
    const late = other.sessions.open(apiKey);
    await other.sessions.look();
    expect(late.signal.aborted).toBe(true);
  });

  it('while the ephemeral store is away, a session ends within 30 seconds of the revocation', async () => {
    const { one, other, make, apiKeys, clock, store } = await twoProcesses();
    const apiKey = await make();
    const session = other.sessions.open(apiKey);
    await other.sessions.look();
    store.down = true;
    await apiKeys.revoke(apiKey.id);
    await one.sessions.changed(apiKey.id);
    clock.advance(29);
    await other.sessions.look();
    expect(session.signal.aborted).toBe(false);
    clock.advance(1);
    await other.sessions.look();
    expect(session.signal.aborted).toBe(true);
  });

  it('a session that was closed leaves nothing to look up', async () => {
    const { one, make, apiKeys, clock } = await twoProcesses();
    const apiKey = await make();
    const session = one.sessions.open(apiKey);
    session.close();
    await apiKeys.revoke(apiKey.id);
    clock.advance(60);
    await one.sessions.look();
    expect(session.signal.aborted).toBe(false);
  });
});

describe('a stream of events', () => {
  const openStream = async ({ app }: ComposedApp, headers: Record<string, string>) => {
    const leave = new AbortController();
    onTestFinished(() => leave.abort());
    const origin = await app.listen({ port: 0, host: '127.0.0.1' });
    const reply = await fetch(`${origin}/v1/events`, { headers, signal: leave.signal });
    const chunks = reply.body?.pipeThrough(new TextDecoderStream()).getReader();
    await chunks?.read();
    return async (): Promise<void> => {
      while ((await chunks?.read())?.done === false);
    };
  };

  it('a stream of events ends within seconds when its key is revoked through another API process', async () => {
    const first = await composeApp();
    const second = await composeApp({}, { apiKeys: first.deps.apiKeys, ephemeral: first.deps.ephemeral });
    const reader = await first.keyFor('acme', 'connections:read');
    const ended = await openStream(second, reader);
    const url = `/v1/api-keys/${reader.authorization.split('_')[1]}`;
    const reply = await first.app.inject({ method: 'DELETE', url, headers: await first.keyFor('acme', 'keys:write') });
    expect(reply.statusCode).toBe(204);
    await ended();
    expect((await second.app.inject({ url: '/v1/events', headers: reader })).statusCode).toBe(401);
  });
});
