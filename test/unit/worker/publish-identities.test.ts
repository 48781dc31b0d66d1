import { expect, onTestFinished, test } from 'vitest';
import { join } from 'node:path';
import { ProviderError, type Provider } from '../../../providers/provider.ts';
import type { ProviderManifest } from '../../../providers/manifests/types.ts';
import { resolveSettings } from '../../../providers/manifests/settings.ts';
import { createLogger } from '../../../platform/logger.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createProviderIdentities } from '../../../stores/provider-identities.ts';
import { createIdentityPublisher } from '../../../worker/publish-identities.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const region = (id: string) => ({
  id,
  label: id,
  urls: {},
  settings: { key: { names: [`SKY_${id.toUpperCase()}_KEY`], description: '' } } as const,
});
const manifest: ProviderManifest = {
  id: 'sky',
  name: 'Sky',
  enableVariables: [],
  regionWord: 'region',
  regions: [region('up'), region('down')],
  methods: [
    {
      id: 'role',
      flow: 'form',
      name: 'Role',
      asks: 'A role.',
      requires: ['key'],
      rotatesRefreshTokens: false,
      discovers: false,
      leased: [],
      identity: ['account'],
      minted: [],
      fields: [],
    },
  ],
};
const refused = { code: 'key_refused', message: 'The cloud refuses SKY_UP_KEY.', remedy: 'Set another.' };

async function publisherWith(identity: NonNullable<Provider['identity']>) {
  const folder = temporaryFolder();
  const clock = createManualClock();
  const keyRing = KeyRing.parse(KeyRing.generate());
  const ephemeral = createSqliteEphemeralStore({ path: join(folder, 'ephemeral.db'), keyRing, clock });
  onTestFinished(async () => await ephemeral.close());
  const identities = createProviderIdentities({ ephemeral });
  const publish = createIdentityPublisher({
    providers: new Map([['sky', { identity }]]),
    settings: [resolveSettings(manifest, { SKY_UP_KEY: 'k' })],
    identities,
    logger: createLogger('test', 'silent'),
  });
  return { identities, publish, clock };
}

test('a region that is set up is asked for Mooring’s identity, and one that is not set up is not asked', async () => {
  const asked: string[] = [];
  const { identities, publish } = await publisherWith((id) => {
    asked.push(id);
    return Promise.resolve({ account: '1' });
  });
  await publish();
  expect(asked).toEqual(['up']);
  expect(await identities.read('sky', 'up')).toEqual({ outcome: 'known', identity: { account: '1' } });
  expect(await identities.read('sky', 'down')).toBeUndefined();
});

test('a refusal is published as it is, and is replaced by the identity once the cloud accepts', async () => {
  let works = false;
  const { identities, publish } = await publisherWith(() =>
    works
      ? Promise.resolve({ account: '1' })
      : Promise.reject(new ProviderError({ class: 'config', problem: refused, delivery: 'answered' })),
  );
  await publish();
  expect(await identities.read('sky', 'up')).toEqual({ outcome: 'problem', problem: refused });
  works = true;
  await publish();
  expect(await identities.read('sky', 'up')).toMatchObject({ outcome: 'known' });
});

test('the identity that a stopped worker published expires', async () => {
  const { identities, publish, clock } = await publisherWith(() => Promise.resolve({ account: '1' }));
  await publish();
  clock.advance(16 * 60);
  expect(await identities.read('sky', 'up')).toBeUndefined();
});
