import { describe, expect, it } from 'vitest';
import type { ConnectionsGateway } from '../../../api/temporal/gateway.ts';
import { measured, operationSeconds, Registry } from '../../../platform/metrics.ts';
import type { ConnectionStatus } from '../../../contracts/connection.ts';
import { composeApp } from './composed-app.ts';

describe('/metrics of the API', () => {
  it('/metrics of the API needs the scope operator:metrics, which reads nothing of a tenant', async () => {
    const { app, keyFor, operatorKey } = await composeApp();
    expect((await app.inject('/metrics')).statusCode).toBe(401);
    const admin = await keyFor('acme', 'admin');
    expect((await app.inject({ url: '/metrics', headers: admin })).statusCode).toBe(403);
    const scraper = await operatorKey('operator:metrics');
    expect((await app.inject({ url: '/metrics', headers: scraper })).statusCode).toBe(200);
    const url = `/v1/connections/con_${'a'.repeat(26)}/credentials`;
    expect((await app.inject({ url, headers: scraper })).statusCode).toBe(403);
  });

  it('/metrics counts requests by route, and never by address', async () => {
    const { app, operatorKey } = await composeApp();
    const headers = await operatorKey('operator:metrics');
    await app.inject('/connect/a-secret-token');
    await app.inject({ method: 'PROPFIND' as 'GET', url: '/nowhere/at/all' });
    const { body } = await app.inject({ url: '/metrics', headers });
    expect(body).toMatch(/mooring_http_request_seconds_count\{method="GET",route="\/connect\/:token",status="\d+"\} 1/);
    expect(body).toContain('route="(none)"');
    expect(body).not.toMatch(/a-secret-token|nowhere|PROPFIND/);
  });

  it('/metrics counts connections at most twice a minute, and serves the rest while Temporal is unavailable', async () => {
    let asked = 0;
    let counts: ReadonlyMap<ConnectionStatus, number> | undefined = new Map([['active', 3]]);
    const connections = {
      async countByStatus() {
        asked += 1;
        if (!counts) throw new Error('away');
        return counts;
      },
    } as unknown as ConnectionsGateway;
    const { app, operatorKey, clock } = await composeApp({}, { connections });
    const headers = await operatorKey('operator:metrics');
    const read = async (): Promise<string> => (await app.inject({ url: '/metrics', headers })).body;
    expect(await read()).toContain('mooring_connections{status="active"} 3');
    counts = new Map([['active', 4]]);
    expect(await read()).toContain('mooring_connections{status="active"} 3');
    clock.advance(31);
    expect(await read()).toContain('mooring_connections{status="active"} 4');
    expect(asked).toBe(2);
    counts = undefined;
    clock.advance(31);
    const whileAway = await read();
    expect(whileAway).not.toContain('mooring_connections{');
    expect(whileAway).toContain('mooring_http_request_seconds_count');
  });
});

describe('a measured object', () => {
  it('a measured object behaves as the object itself, and records the duration and outcome of each call', async () => {
    const registry = new Registry();
    let nowMs = 0;
    const target = {
      size: 7,
      async read(key: string): Promise<string> {
        nowMs += 200;
        if (key === 'refused') throw new RangeError('refused');
        if (key === 'broken') throw new Error('broken');
        return `value of ${key}`;
      },
      plain: () => 'at once',
    };
    const isFault = (error: unknown): boolean => !(error instanceof RangeError);
    const observe = operationSeconds(registry, 'calls_seconds', 'Calls.');
    const subject = measured(target, observe, () => nowMs, isFault);
    expect(await subject.read('a')).toBe('value of a');
    await expect(subject.read('refused')).rejects.toThrow(RangeError);
    await expect(subject.read('broken')).rejects.toThrow('broken');
    expect([subject.size, subject.plain()]).toEqual([7, 'at once']);
    const text = await registry.metrics();
    expect(text).toContain('calls_seconds_count{operation="read",outcome="ok"} 2');
    expect(text).toContain('calls_seconds_sum{operation="read",outcome="ok"} 0.4');
    expect(text).toContain('calls_seconds_count{operation="read",outcome="failed"} 1');
    expect(text).not.toContain('plain');
  });
});
