import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { connectionIdFor, randomConnectionId } from '../../../api/connections/start-connection.ts';
import { connectionIdPattern } from '../../../contracts/ids.ts';

describe('the id of a connection', () => {
  it('the id of a connection matches the pattern for ids and is unique', () => {
    const ids = [connectionIdFor('acme', 'key'), ...Array.from({ length: 100 }, () => randomConnectionId(randomBytes))];
    for (const id of ids) expect(id).toMatch(new RegExp(connectionIdPattern));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('the id of a connection is always the same for the same tenant and key', () => {
    expect(connectionIdFor('acme', 'order-1')).toBe('con_xjqyp7d2zfrzawdg2otzs37ful');
  });

  it('the id of a connection differs between tenants, and between keys', () => {
    const ids = [connectionIdFor('acme', 'k'), connectionIdFor('umbrella', 'k'), connectionIdFor('acme', 'k2')];
    expect(new Set(ids).size).toBe(3);
  });
});
