import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../platform/clock.ts';
import { Secret } from '../../../platform/secret.ts';
import { createSearchDigests, SearchKeyMissing } from '../../../stores/search-digests.ts';
import { SecretStoreConflict, SecretStoreUnavailable } from '../../../stores/secrets/port.ts';
import { openEmbeddedSecrets } from './embedded-secrets.ts';

const open = () => openEmbeddedSecrets(systemClock);
const digestsOf = (secrets = open()) => createSearchDigests({ secrets, mayWrite: true });

describe('a digest to search by', () => {
  it('a digest to search by is the same in every process, and another one in another installation', async () => {
    const secrets = open();
    const [one, other] = [digestsOf(secrets), digestsOf(secrets)];
    const both = await Promise.all([one.account('acme', '1234'), other.account('acme', '1234')]);
    expect(both[0]).toBe(both[1]);
    expect(await digestsOf().account('acme', '1234')).not.toBe(both[0]);
  });

  it('a digest to search by differs between tenants, and between an account and a word', async () => {
    const digests = digestsOf();
    const all = [
      await digests.account('acme', 'blue'),
      await digests.account('umbrella', 'blue'),
      ...(await digests.words('acme', 'blue')),
      ...(await digests.words('umbrella', 'blue')),
    ];
    expect(new Set(all).size).toBe(4);
  });

  it('a digest to search by contains nothing of the text, and may stand in a list filter', async () => {
    const digests = digestsOf();
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 200, unit: 'binary' }), async (text) => {
        for (const digest of [await digests.account('acme', text), ...(await digests.words('acme', text))])
          expect(digest).toMatch(/^[a-z2-7]{16}$/);
      }),
      { numRuns: 50 },
    );
  });

  it('the digests of any name fit into a search attribute of 2 KB', async () => {
    const digests = digestsOf();
    const shortest = Array.from({ length: 100 }, (_none, index) => String.fromCodePoint(0x4e00 + index)).join(' ');
    // A character that stands for a sentence of four words.
    for (const name of [shortest, Array.from({ length: 66 }, (_n, index) => `\uFDFA${index}`).join(' ')]) {
      const found = await digests.words('acme', name.slice(0, 200));
      expect(JSON.stringify(found).length).toBeLessThanOrEqual(2_048);
    }
  });

  it.each([
    ['a word of it', 'Acme Production (Paris)', 'production', true],
    ['words in another order', 'Acme Production (Paris)', 'PARIS acme', true],
    ['the same letters written another way', 'Café ﬁnance', 'cafe\u0301 FINANCE', true],
    ['the beginning of a word', 'Acme Production', 'prod', false],
    ['a word that it lacks', 'Acme Production', 'acme staging', false],
  ])('a name is found by %s: %s', async (_what, name, asked, isFound) => {
    const digests = digestsOf();
    const { name: stored } = await digests.connection('acme', { name, account: null });
    const wanted = await digests.words('acme', asked);
    expect(wanted.length > 0 && wanted.every((word) => stored.includes(word))).toBe(isFound);
  });

  it('an account is found however its id is written', async () => {
    const digests = digestsOf();
    const { account } = await digests.connection('acme', { name: null, account: { id: '123456789012' } });
    expect(await digests.account('acme', ' 1234-5678-9012')).toBe(account);
  });
});

describe('the search key', () => {
  it('of two workers that start at once, one makes the search key and both use it', async () => {
    const secrets = open();
    const made = await Promise.all([1, 2, 3].map(async () => await digestsOf(secrets).account('acme', '1')));
    expect(new Set(made).size).toBe(1);
  });

  it('an API does not make the search key, and has it once a worker has made it', async () => {
    const secrets = open();
    const api = createSearchDigests({ secrets, mayWrite: false });
    await expect(api.load()).rejects.toThrow(SearchKeyMissing);
    expect(await secrets.read('config', 'search-key')).toBeUndefined();
    const worker = digestsOf(secrets);
    await worker.load();
    expect(await api.account('acme', '1')).toBe(await worker.account('acme', '1'));
  });

  it('a search key that another program has spoiled is not replaced: everything would be lost to search', async () => {
    const secrets = open();
    await secrets.write('config', 'search-key', new Secret({ v: 1, key: 'short' }));
    await expect(digestsOf(secrets).load()).rejects.toThrow(SecretStoreConflict);
    expect((await secrets.read('config', 'search-key'))?.data.reveal()).toEqual({ v: 1, key: 'short' });
  });

  it('after the secret store was away, the search key is read again; once it is known, the store is not asked', async () => {
    const secrets = open();
    await digestsOf(secrets).load();
    let isAway = true;
    let reads = 0;
    const digests = createSearchDigests({
      secrets: {
        ...secrets,
        async read(gate, key) {
          reads += 1;
          if (isAway) throw new SecretStoreUnavailable('away', { ambiguous: false });
          return await secrets.read(gate, key);
        },
      },
      mayWrite: true,
    });
    await expect(digests.account('acme', '1')).rejects.toThrow(SecretStoreUnavailable);
    isAway = false;
    await digests.account('acme', '1');
    isAway = true;
    await digests.account('acme', '2');
    expect(reads).toBe(2);
  });
});
