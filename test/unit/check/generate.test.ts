import { describe, expect, test } from 'vitest';
import type { ProviderManifest } from '../../../providers/manifests/types.ts';
import { ownTable, providerSection, waysTable, providersTable } from '../../../scripts/generate/documents.ts';
import { between, table } from '../../../scripts/generate/markdown.ts';
import { cannotTable, kindsTable } from '../../../scripts/generate/resources.ts';

const sky: ProviderManifest = {
  id: 'sky',
  name: 'Sky',
  enableVariables: ['ENABLE_SKY'],
  regionWord: 'region',
  requestIdHeaders: [],
  programs: [{ name: 'skyctl', variable: 'SKYCTL_PATH', description: 'The program.' }],
  regions: [
    {
      id: 'sky-1',
      label: 'One',
      urls: { token: { url: 'https://sky.example/token', variable: 'SKY_TOKEN_URL' } },
      settings: {
        clientId: { names: ['SKY_CLIENT_ID', 'CLIENT_ID'], description: 'The id.', default: 'mooring' },
        clientSecret: { names: ['SKY_CLIENT_SECRET'], description: 'The secret.', secret: true },
      },
    },
  ],
  methods: [
    {
      id: 'authorization_code',
      flow: 'redirect',
      name: 'Sign in',
      asks: 'Everything.',
      requires: [],
      rotatesRefreshTokens: true,
      discovers: false,
      leased: ['access_token'],
      variables: {},
      callbackPath: '/sky/callback',
      scopes: [],
      authorizeParameters: {},
      revokesBy: 'client',
    },
    {
      id: 'keys',
      flow: 'form',
      minted: [],
      name: 'Keys',
      asks: 'Keys.',
      requires: [],
      rotatesRefreshTokens: false,
      discovers: true,
      leased: ['key'],
      variables: {},
      fields: [{ name: 'key', label: 'Access key', hint: '', secret: true, required: true }],
    },
  ],
};

const rowsOf = (markdown: string): string[] => markdown.split('\n').filter((line) => line.startsWith('|'));

describe('markdown', () => {
  test('a pipe or a line break in a cell does not break its table', () => {
    expect(table(['a'], [['one | two\nthree']])).toBe('| a |\n| --- |\n| one \\| two three |');
  });

  test('only the text between the markers is replaced', () => {
    const text = 'before\n<!-- generated: x -->\nold\n<!-- end: x -->\nafter\n';
    expect(between(text, 'x', 'new')).toBe('before\n<!-- generated: x -->\n\nnew\n\n<!-- end: x -->\nafter\n');
  });

  test.for(['no markers', '<!-- end: x --><!-- generated: x -->'])(
    'a text without markers in the right order is refused: "%s"',
    (text) => {
      expect(() => between(text, 'x', 'new')).toThrow('<!-- generated: x -->');
    },
  );
});

describe('the configuration reference', () => {
  test('the configuration reference shows the names of a variable, its default, its secrecy and who requires it', () => {
    const [, , row] = rowsOf(
      ownTable([
        { name: 'KEYS', aliases: ['OLD_KEYS'], description: 'Keys.', default: 'x', secret: true, required: ['api'] },
      ]),
    );
    expect(row).toBe('| `KEYS` or `OLD_KEYS` | Keys. **Secret.** | `x` | api |');
  });

  test('the configuration reference shows the switch of a provider, the settings of each region and its programs', () => {
    expect(rowsOf(providerSection(sky)).slice(2, 6)).toEqual([
      '| `ENABLE_SKY` | Set to `false` to switch the Sky connector off. | `true` |',
      '| `SKY_CLIENT_ID` or `CLIENT_ID` | The id. | `mooring` |',
      '| `SKY_CLIENT_SECRET` | The secret. **Secret.** |  |',
      '| `SKYCTL_PATH` | The program. | `skyctl` |',
    ]);
  });

  test('the configuration reference shows what each way in requires of the operator, or that it requires nothing', () => {
    const [signIn, keys] = sky.methods;
    const methods = [{ ...signIn!, requires: ['clientId', 'clientSecret'] }, keys!];
    expect(rowsOf(waysTable([{ ...sky, methods }])).slice(2)).toEqual([
      '| Sky | Sign in | `SKY_CLIENT_ID`, `SKY_CLIENT_SECRET` | `/sky/callback` |',
      '| Sky | Keys | nothing |  |',
    ]);
  });

  test('the configuration reference shows every URL that can be overridden', () => {
    expect(providerSection(sky)).toContain('| `SKY_TOKEN_URL` | sky-1, token | `https://sky.example/token` |');
  });
});

test('the table of providers has a row for each way in', () => {
  expect(rowsOf(providersTable([sky])).slice(2)).toEqual([
    '| Sky (`sky`) | `sky-1` | `authorization_code` | signs in at the cloud | `/sky/callback` | yes | no |',
    '| Sky (`sky`) | `sky-1` | `keys` | gives Access key |  | no | yes |',
  ]);
});

describe('the tables of resources', () => {
  const kind = { id: 'volume', label: 'Disks', needs: ['sky:ListDisks'], grant: 'Reader' };
  const discovery = {
    projectKind: 'region',
    sources: {},
    kinds: [
      { ...kind, scope: 'project' as const },
      { ...kind, id: 'bucket', label: 'Buckets', scope: 'account' as const, needs: [] },
    ],
  };

  test('the table of resources has a row for each kind, with where it is listed and the rights that it needs', () => {
    expect(rowsOf(kindsTable([{ ...sky, discovery }])).slice(2)).toEqual([
      '| Sky | `volume` | Disks | in each region | `sky:ListDisks` |',
      '| Sky | `bucket` | Buckets | for the account |  |',
    ]);
  });

  test('the table of resources says what credentials of a method can never list, and is left out where there is nothing', () => {
    const [signIn] = sky.methods;
    const methods = [{ ...signIn!, cannotList: { volume: 'Its scope does not allow it.' } }];
    expect(rowsOf(cannotTable([{ ...sky, discovery, methods }])).slice(2)).toEqual([
      '| Sky | Sign in | Disks | Its scope does not allow it. |',
    ]);
    expect(cannotTable([{ ...sky, discovery }])).toBe('');
  });
});
