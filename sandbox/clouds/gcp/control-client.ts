import { serviceAccounts } from './accounts.ts';
import type { KeyFile } from './keys.ts';

/** What customers of the simulated Google Cloud do. Service accounts and people go by their addresses. */
export interface GcpControl {
  /** A new key file; left out: of the first service account, whose roles let it see projects. */
  createKey(serviceAccount?: string): Promise<KeyFile>;
  deleteKey(serviceAccount: string, keyId: string): Promise<void>;
  /** Replaces the projects that a member's roles let it see. */
  grant(member: string, projectIds: readonly string[]): Promise<void>;
  /** Withdraws Mooring's access in a person's Google account. Answers how many grants. */
  revokeAccount(email: string): Promise<number>;
}

type Call = <T>(method: string, path: string, body?: unknown) => Promise<T>;

export function createGcpControl(call: Call, url: string): GcpControl {
  const at = (kind: string, name: string) => `/gcp/${kind}/${encodeURIComponent(name)}`;
  return {
    createKey: (account = serviceAccounts[0].email) =>
      call('POST', `${at('service-accounts', account)}/keys`, { tokenUri: `${url}/gcp/token` }),
    deleteKey: (account, keyId) => call('DELETE', `${at('service-accounts', account)}/keys/${keyId}`),
    grant: (member, projectIds) => call('PUT', `${at('members', member)}/projects`, projectIds),
    revokeAccount: async (email) =>
      (await call<{ revoked: number }>('POST', `${at('accounts', email)}/revoke`)).revoked,
  };
}
