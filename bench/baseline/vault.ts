/** Vault's KV version 2 over keep-alive HTTP, and nothing around it. */
export interface BareVault {
  read<T>(path: string): Promise<{ data: T; version: number }>;
  /** Answers the new version. Throws where the key is at another one than `cas`. */
  write(path: string, data: object, cas: number): Promise<number>;
}

export function createBareVault(address: string, mount: string, token: string): BareVault {
  async function call<T>(path: string, body?: object): Promise<T> {
    const response = await fetch(`${address}/v1/${mount}/data/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { 'X-Vault-Token': token },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Vault answers ${response.status} for ${path}.`);
    return (JSON.parse(text) as { data: T }).data;
  }

  return {
    async read<T>(path: string) {
      const { data, metadata } = await call<{ data: T; metadata: { version: number } }>(path);
      return { data, version: metadata.version };
    },
    async write(path, data, cas) {
      return (await call<{ version: number }>(path, { data, options: { cas } })).version;
    },
  };
}
