import { describe, expect, it } from 'vitest';
import type { Resource } from '../../../../api/resources/schema.ts';
import { EphemeralStoreUnavailable } from '../../../../stores/ephemeral/port.ts';
import { accounts, first, foreign, row, second, some } from './accounts.ts';

describe('an export', () => {
  it('an NDJSON export has every resource, one JSON object per line', async () => {
    const { put, get } = await accounts();
    await put(first, ...some(1200));
    const reply = await get(`/v1/connections/${first}/resources.ndjson`);
    expect(reply.headers['content-type']).toBe('application/x-ndjson');
    expect(reply.headers['content-disposition']).toContain(`${first}.ndjson`);
    const lines = reply.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Resource);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(1200);
    expect(Object.keys(lines[0] ?? {})).not.toContain('key');
  });

  it('an export across connections has every resource of the tenant and of no other tenant', async () => {
    const { put, get } = await accounts();
    await put(first, ...some(700));
    await put(second, ...some(3));
    await put(foreign, row('secret'));
    const reply = await get('/v1/resources.ndjson');
    expect(reply.headers['content-disposition']).toContain('resources.ndjson');
    const lines = reply.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Resource);
    expect(lines).toHaveLength(703);
    expect(new Set(lines.map(({ connection }) => connection))).toEqual(new Set([first, second]));
    expect((await get('/v1/resources.csv')).body.trimEnd().split('\r\n')).toHaveLength(704);
  });

  it('a CSV export has a column for every field of a resource', async () => {
    const { put, get } = await accounts();
    await put(first, row('i-1'));
    const [resource] = (await get('/v1/resources.ndjson')).body.split('\n');
    const [header] = (await get('/v1/resources.csv')).body.split('\r\n');
    expect(header?.split(',')).toEqual(Object.keys(JSON.parse(resource ?? '{}') as object));
  });

  it('an export applies the filters of the list', async () => {
    const { put, get } = await accounts();
    await put(first, row('a'), row('b', { region: 'SBG5' }));
    const reply = await get(`/v1/connections/${first}/resources.csv?region=SBG5`);
    expect(reply.body.split('\r\n')).toHaveLength(3);
  });

  it('a CSV export keeps quotes, commas and line ends within their field (RFC 4180)', async () => {
    const { put, get } = await accounts();
    await put(first, row('i-1', { name: 'a "quoted", name\r\nof two lines' }));
    const { body } = await get(`/v1/connections/${first}/resources.csv`);
    expect(body).toContain('"a ""quoted"", name\r\nof two lines"');
    expect(body.startsWith('connection,provider,kind,project,')).toBe(true);
    expect(body.endsWith('\r\n')).toBe(true);
  });

  it('a CSV export contains no formula that a spreadsheet would run', async () => {
    const { put, get } = await accounts();
    const formulas = ['=cmd|calc', '+1+1', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '＝1+1'];
    await put(first, ...formulas.map((name, index) => row(`i-${index}`, { name })));
    const { body } = await get(`/v1/connections/${first}/resources.csv`);
    for (const name of formulas) expect(body).toContain(`"'${name}"`);
    expect(body).not.toMatch(/(?:^|,)"[=+\-@\t\r＝]/m);
  });

  it('an export is a problem document instead of a broken file where the store does not answer', async () => {
    const { get } = await accounts({
      inventory: { page: () => Promise.reject(new EphemeralStoreUnavailable('down')), partitions: async () => [] },
    });
    const reply = await get(`/v1/connections/${first}/resources.csv`);
    expect(reply.json()).toMatchObject({ status: 503, code: 'ephemeral_store_unavailable' });
    expect(reply.headers['content-disposition']).toBeUndefined();
  });
});
