import { spaces, type Stack } from './stack.ts';

/** The product's own records in Vault, as the API reads them. */
export interface StoredCredentials {
  readonly headers: Readonly<Record<string, string>>;
  /** Below Vault's origin. */
  path(id: string): string;
  /** Unix seconds; null where the credential does not expire. */
  expiresAt(id: string): Promise<number | null>;
}

/** Where the product keeps what it hands out: of these, the first that is there. */
const places = ['live/{id}/access', 'live/{id}'] as const;

/** With a token that has the API's own policy. `example` is any connection that is active. */
export async function findStoredCredentials(stack: Stack, example: string): Promise<StoredCredentials> {
  const headers = { 'x-vault-token': await stack.vault.tokenFor(spaces.product, 'api') };
  const { address } = stack.vault;
  for (const place of places) {
    const path = (id: string): string => `/v1/${spaces.product}/data/${place.replace('{id}', id)}`;
    if (!(await fetch(`${address}${path(example)}`, { headers })).ok) continue;
    return {
      headers,
      path,
      async expiresAt(id) {
        const response = await fetch(`${address}${path(id)}`, { headers });
        const { data } = (await response.json()) as { data: { data: { expires_at?: number | null } } };
        return data.data.expires_at ?? null;
      },
    };
  }
  throw new Error(`Vault has none of ${places.join(', ')}: the product keeps its credentials elsewhere.`);
}
