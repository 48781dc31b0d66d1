import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../platform/clock.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createLogger } from '../../../platform/logger.ts';
import { Secret } from '../../../platform/secret.ts';
import { createSqliteEphemeralStore, sealedEntries } from '../../../stores/ephemeral/sqlite.ts';
import { proveKeyRing } from '../../../stores/prove-key-ring.ts';
import { countSealedRows } from '../../../stores/sqlite-database.ts';
import { createSqliteSecretStore, sealedSecrets } from '../../../stores/secrets/sqlite.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const [k1, k2] = [KeyRing.generate('k1'), KeyRing.generate('k2')];

describe('a process with the stand-in stores', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });

  const open = (keys: string) => {
    const keyRing = KeyRing.parse(keys);
    const secrets = createSqliteSecretStore({ path: join(folder, 'secrets.db'), keyRing, clock: systemClock });
    const ephemeral = createSqliteEphemeralStore({ path: join(folder, 'ephemeral.db'), keyRing, clock: systemClock });
    onTestFinished(async () => {
      await Promise.all([secrets.close(), ephemeral.close()]);
    });
    return { secrets, ephemeral, keyRing };
  };
  const boot = async (keys: string) => {
    await proveKeyRing(
      { ...open(keys), mayWrite: true },
      createLogger('worker', 'silent'),
      new AbortController().signal,
    );
  };
  const sealedBy = () => [
    Object.fromEntries(countSealedRows(join(folder, 'secrets.db'), sealedSecrets)),
    Object.fromEntries(countSealedRows(join(folder, 'ephemeral.db'), sealedEntries)),
  ];

  it('each start seals the stand-in stores again with the first key of the ring', async () => {
    await boot(k1);
    const { secrets, ephemeral } = open(k1);
    await secrets.write('live', 'con_1', new Secret({ n: 1 }));
    await ephemeral.put('state', 1, 600);
    await boot(`${k1},${k2}`);
    expect(sealedBy()).toEqual([{ k1: 2 }, { k1: 1 }]);
    await boot(`${k2},${k1}`);
    expect(sealedBy()).toEqual([{ k2: 2 }, { k2: 1 }]);
  });

  it('a process that is refused has sealed nothing, so that running processes can still read', async () => {
    await boot(k1);
    const { secrets } = open(k1);
    await secrets.write('live', 'con_1', new Secret({ n: 1 }));
    await expect(boot(`${k2},${k1}`)).rejects.toThrow(/"k2" stands first/);
    expect(sealedBy()[0]).toEqual({ k1: 2 });
    expect((await secrets.read('live', 'con_1'))?.data.reveal()).toEqual({ n: 1 });
  });

  it('a process starts even where sealing again fails, and values stay sealed with the older key', async () => {
    await boot(k1);
    await open(k1).secrets.write('live', 'con_1', new Secret({ n: 1 }));
    await boot(`${k1},${k2}`);
    const opened = open(`${k2},${k1}`);
    const secrets = { ...opened.secrets, reseal: async () => await Promise.reject<number>(new Error('disk full')) };
    const { signal } = new AbortController();
    await proveKeyRing({ ...opened, secrets, mayWrite: true }, createLogger('worker', 'silent'), signal);
    expect(sealedBy()[0]).toEqual({ k1: 1, k2: 1 });
  });
});
