import type { OAuthContext } from './context.ts';

const kinds = ['accessToken', 'refreshToken', 'code', 'verifier'] as const;
type IssuedKind = (typeof kinds)[number];

export interface Issued {
  add(kind: IssuedKind, value: string): void;
  /** Also what is spent, expired or revoked. */
  list(): Record<IssuedKind, string[]>;
}

/**
 * Every secret that passed through one authorization server: what a test searches logs, histories and stores for. None
 * of it may be anywhere but in the secret store.
 */
export function createIssued({ cloud, tables }: Pick<OAuthContext, 'cloud' | 'tables'>): Issued {
  const rows = tables.table<{ kind: IssuedKind; value: string }>(`${cloud}.issued`);
  return {
    add: (kind, value) => rows.put(`${kind} ${value}`, { kind, value }),
    list() {
      const all = [...rows.values()];
      const ofKind = (kind: IssuedKind) => all.filter((row) => row.kind === kind).map(({ value }) => value);
      return Object.fromEntries(kinds.map((kind) => [kind, ofKind(kind)])) as Record<IssuedKind, string[]>;
    },
  };
}
