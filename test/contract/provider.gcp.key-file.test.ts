import { generateKeyPairSync } from 'node:crypto';

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../platform/json.ts';
import { oddRsaKey } from '../support/odd-rsa-keys.ts';
import { startGcpOnSandbox, type GcpOnSandbox } from './provider.gcp.on-sandbox.ts';
import { thrown } from './thrown.ts';

type KeyFile = Readonly<Record<string, string>>;

describe('a key file of a Google service account', () => {
  let gcp: GcpOnSandbox;
  beforeAll(async () => void (gcp = await startGcpOnSandbox()));
  afterEach(() => gcp.cloud.reset());
  afterAll(() => gcp.close());

  const newKey = async (): Promise<KeyFile> => ({ ...(await gcp.cloud.gcp.createKey()) });
  const submitted = (file: object | string, more: JsonObject = {}) =>
    gcp.holding({ service_account_key: typeof file === 'string' ? file : JSON.stringify(file), ...more });

  test.for<{ what: string; change: (file: KeyFile) => object | string; code: string }>([
    { what: 'that is no JSON', change: () => 'MIIEvQIBADANBg', code: 'key_not_json' },
    { what: 'that is a JSON list', change: () => [], code: 'key_not_json' },
    { what: 'of an OAuth client', change: () => ({ web: { client_id: 'x' } }), code: 'key_of_another_kind' },
    {
      what: "of gcloud's own user",
      change: (file) => ({ ...file, type: 'authorized_user' }),
      code: 'key_of_another_kind',
    },
    { what: 'without an address', change: (file) => ({ ...file, client_email: undefined }), code: 'key_incomplete' },
    {
      what: 'without a private key',
      change: (file) => ({ ...file, private_key: undefined }),
      code: 'key_unreadable',
    },
    {
      what: 'whose private key was cut short',
      change: (file) => ({ ...file, private_key: file['private_key']?.slice(0, 900) }),
      code: 'key_unreadable',
    },
    {
      what: 'with an elliptic key',
      change: (file) => ({ ...file, private_key: ellipticKey() }),
      code: 'key_unreadable',
    },
    {
      what: 'whose key has 15360 bits',
      change: (file) => ({ ...file, private_key: oddRsaKey(15_360) }),
      code: 'key_size_refused',
    },
    {
      what: 'whose key has 1024 bits',
      change: (file) => ({ ...file, private_key: oddRsaKey(1024) }),
      code: 'key_size_refused',
    },
    {
      what: 'whose key has primes that make signing slow',
      change: (file) => ({ ...file, private_key: oddRsaKey(2048, { p: 9000, q: 9000 }) }),
      code: 'key_malformed',
    },
    {
      what: 'that is longer than any key file',
      change: (file) => ({ ...file, comment: 'x'.repeat(20_000) }),
      code: 'key_not_json',
    },
    {
      what: 'whose address would end a command line',
      change: (file) => ({ ...file, client_email: 'a"$(id)@x.iam.gserviceaccount.com' }),
      code: 'key_incomplete',
    },
    {
      what: 'without a token_uri',
      change: (file) => ({ ...file, token_uri: undefined }),
      code: 'key_token_uri_refused',
    },
    {
      what: 'whose token_uri leads into our own network',
      change: (file) => ({ ...file, token_uri: 'http://169.254.169.254/computeMetadata/v1/' }),
      code: 'key_token_uri_refused',
    },
    {
      what: 'whose token_uri only looks like the right one',
      change: (file) => ({ ...file, token_uri: `${file['token_uri']}/../token` }),
      code: 'key_token_uri_refused',
    },
  ])('a key file $what is refused before anything is sent', async ({ change, code }) => {
    const file = await newKey();
    const context = submitted(change(file));
    const sent: unknown[] = [];
    const recording: typeof fetch = (url, init) => {
      sent.push(url);
      return fetch(url, init);
    };
    const error = await thrown(gcp.serviceAccount({ fetch: recording }).prove(context));
    expect(error).toMatchObject({ class: 'user', delivery: 'not_sent', problem: { code } });
    expect(`${error.message} ${error.problem.remedy}`).not.toContain(file['private_key']?.slice(200, 260));
    expect(sent).toEqual([]);
  });

  test('a key that is too large is refused in every call, also where it was stored by an earlier version', async () => {
    const file = { ...(await newKey()), private_key: oddRsaKey(8192) };
    const context = submitted(file, { access_token: 'of-an-earlier-day' });
    for (const call of ['prove', 'refresh'] as const) {
      const error = await thrown(gcp.serviceAccount()[call](context));
      expect(error).toMatchObject({ class: 'user', delivery: 'not_sent', problem: { code: 'key_size_refused' } });
      expect(error.message).toContain("has 8192 bits; Google's keys have 2048, and 2048 to 4096 are accepted");
    }
    await expect(gcp.serviceAccount().revoke(context)).resolves.toMatchObject({ outcome: 'unsupported' });
  });

  test('a key file whose line ends were escaped twice is accepted', async () => {
    const file = await newKey();
    const escaped = { ...file, private_key: file['private_key']?.replaceAll('\n', '\\n') };
    await expect(gcp.serviceAccount().prove(submitted(escaped))).resolves.toMatchObject({ warnings: [] });
  });

  test('a key file from before 2018 is accepted, and today’s token endpoint is used', async () => {
    const file = { ...(await newKey()), token_uri: 'https://accounts.google.com/o/oauth2/token' };
    const addresses: string[] = [];
    const answering: typeof fetch = (url) => {
      addresses.push(new Request(url).url);
      return Promise.resolve(Response.json({ error: 'invalid_grant' }, { status: 400 }));
    };
    const real = gcp.serviceAccount({ fetch: answering }, { GCP_TOKEN_URL: '' });
    expect(await thrown(real.prove(submitted(file)))).toMatchObject({ problem: { code: 'key_not_known' } });
    expect(addresses).toEqual(['https://oauth2.googleapis.com/token']);
  });

  test('a key file that has worked goes on working when the configured token URL changes', async () => {
    const context = submitted(await newKey(), { access_token: 'of-an-earlier-day' });
    const moved = gcp.environment['GCP_TOKEN_URL']?.replace('127.0.0.1', 'localhost');
    await expect(gcp.serviceAccount({}, { GCP_TOKEN_URL: moved }).refresh(context)).resolves.toBeDefined();
  });
});

const ellipticKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
