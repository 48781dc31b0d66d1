import { describe, expect, test } from 'vitest';

import { Secret } from '../../../platform/secret.ts';
import type { ListContext, Listing, ResourceLister } from '../../../providers/listing/lister.ts';
import { withPlainAnswers } from '../../../providers/plain-answers.ts';
import { ProviderError, type AuthMethod, type CallContext, type Provider } from '../../../providers/provider.ts';
import type { InventoryRow } from '../../../stores/inventory/port.ts';
import { skyWith } from '../api/manifests.ts';

const TURNED = 'Acme\u202E\u0000\n <b>moc.live</b>\u200B';
const PLAIN = 'Acme <b>moc.live</b>';
const problem = { code: 'not a code\u0007', message: TURNED, remedy: TURNED, link: `https://x.example/${TURNED}` };
const plainProblem = {
  code: 'unknown_error',
  message: PLAIN,
  remedy: 'Acme\n <b>moc.live</b>',
  link: `https://x.example/${PLAIN}`,
};

const row: InventoryRow = {
  key: 'k',
  kind: 'instance',
  project: 'p',
  id: 'i',
  name: TURNED,
  region: TURNED,
  zone: TURNED,
  status: TURNED,
  createdAt: null,
  tags: { [TURNED]: TURNED },
  nativeType: TURNED,
  url: null,
  consoleUrl: null,
  source: 'rest',
  summary: { image: TURNED, sizes: [TURNED, 3], nested: { flavour: TURNED, none: null } },
};

const issued = {
  fields: new Secret({ access_token: TURNED }),
  ttlSeconds: 60,
  renewable: true,
  scopes: [TURNED],
  warnings: [problem],
};

class SkyMethod implements AuthMethod {
  readonly #account = { id: TURNED, displayName: TURNED };
  exchange = async () => await Promise.resolve(issued);
  prove = async () => await Promise.resolve({ account: this.#account, warnings: [problem], claim: TURNED, issued });
  refresh = async () => await Promise.resolve(issued);
  revoke = async () => await Promise.resolve({ outcome: 'failed', problem } as const);
}

const failure = { class: 'user', problem, retryAfterSeconds: null, denied: { action: TURNED } } as const;
const listing: Listing = {
  kinds: [
    {
      kind: 'instance',
      outcome: 'listed',
      rows: [row, { ...row, name: '\u200B' }, { ...row, name: 'Pwd=hunter2', summary: { note: 'Pwd=hunter2' } }],
      losses: [{ ...failure, path: TURNED }],
    },
    { kind: 'volume', outcome: 'failed', failure },
  ],
  source: 'rest',
  notice: problem,
};

const lister: ResourceLister = {
  manifest: { projectKind: null, sources: {}, kinds: [] },
  lists: [],
  placesAtOnce: 4,
  listProjects: async () => await Promise.resolve(listing),
  list: async () => await Promise.resolve(listing),
  confirmGone: async () => await Promise.resolve({ gone: new Set(['k']), there: new Set(), refused: failure }),
  readiness: async () => await Promise.resolve({ source: 'rest', version: null, notice: null }),
};

const provider: Provider = withPlainAnswers({
  manifest: skyWith(),
  methods: { way: new SkyMethod() },
  discovery: { lister, regions: new Map() },
});
const method = provider.methods['way'] as Required<AuthMethod>;
const context = {} as CallContext;

describe('what a cloud answers', () => {
  test('the account of a proof, its warnings and its scopes are plain text, and what is secret stays as it is', async () => {
    const proof = await method.prove(context);
    expect(proof).toMatchObject({
      account: { id: PLAIN, displayName: PLAIN },
      warnings: [plainProblem],
      claim: TURNED,
      issued: { scopes: [PLAIN], warnings: [plainProblem] },
    });
    expect(proof.issued?.fields.reveal()).toEqual({ access_token: TURNED });
  });

  test('what an exchange or a refresh says besides its tokens is plain text', async () => {
    for (const answer of [await method.refresh(context), await method.exchange({} as never)]) {
      expect(answer).toMatchObject({ scopes: [PLAIN], warnings: [plainProblem], ttlSeconds: 60 });
    }
  });

  test('what a revocation says is plain text', async () => {
    expect(await method.revoke(context)).toEqual({ outcome: 'failed', problem: plainProblem });
  });

  test.each(['listProjects', 'list'] as const)('the rows, losses and failures of %s are plain text', async (name) => {
    const request = { list: 'all', kinds: ['instance', 'volume'], projectId: null };
    const list = await provider.discovery?.lister[name]({} as ListContext, request);
    const plainRow = {
      ...row,
      name: PLAIN,
      region: PLAIN,
      zone: PLAIN,
      status: PLAIN,
      tags: { [PLAIN]: PLAIN },
      nativeType: PLAIN,
      summary: { image: PLAIN, sizes: [PLAIN, 3], nested: { flavour: PLAIN, none: null } },
    };
    const plainFailure = { ...failure, problem: plainProblem, denied: { action: PLAIN } };
    expect(list).toEqual({
      kinds: [
        {
          kind: 'instance',
          outcome: 'listed',
          rows: [
            plainRow,
            { ...plainRow, name: 'i' },
            { ...plainRow, name: '[redacted]', summary: { note: '[redacted]' } },
          ],
          losses: [{ ...plainFailure, path: PLAIN }],
        },
        { kind: 'volume', outcome: 'failed', failure: plainFailure },
      ],
      source: 'rest',
      notice: plainProblem,
    });
  });

  test('a lister keeps its bound of projects at once, and what its witness is refused with is plain text', async () => {
    const plain = provider.discovery?.lister;
    expect(plain?.placesAtOnce).toBe(4);
    const answer = await plain?.confirmGone?.({} as ListContext, { kind: 'instance', projectId: null, rows: [row] });
    expect(answer).toMatchObject({ gone: new Set(['k']), refused: { problem: plainProblem } });
  });

  test('an error of a cloud is plain text, however it was made', () => {
    const error = new ProviderError({ class: 'user', problem, delivery: 'answered' });
    expect([error.problem, error.message]).toEqual([plainProblem, PLAIN]);
  });
});
