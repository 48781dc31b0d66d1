import { createVaultTransport, type VaultTransport } from '../../stores/secrets/vault-client.ts';

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly token: string | null;
}

/** The transport itself, with a list of what it was asked. */
export function createRecordingTransport() {
  const requests: Recorded[] = [];
  const send = createVaultTransport();
  const transport: VaultTransport = async (url, request) => {
    const { method, headers } = request;
    requests.push({ method, path: new URL(url).pathname, token: headers['X-Vault-Token'] ?? null });
    return await send(url, request);
  };
  return {
    transport,
    requests,
    count: (path: string): number => requests.filter((request) => request.path.endsWith(path)).length,
    /** The token of the newest request that had one. */
    lastToken: (): string => requests.findLast(({ token }) => token !== null)?.token ?? '',
  };
}
