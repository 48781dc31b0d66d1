import type { ConnectionsGateway } from '../../../api/temporal/gateway.ts';
import type { ConnectionView } from '../../../contracts/connection.ts';
import { Secret } from '../../../platform/secret.ts';
import type { AuditLine } from '../../../stores/audit/line.ts';
import { liveKeys } from '../../../stores/secrets/credential-record.ts';
import { createInvitationLinks } from '../../../api/sign-in/links.ts';
import { composeApp } from './composed-app.ts';
import { accessRecordWith, foundOf, viewWith } from './support.ts';

export const id = `con_${'a'.repeat(26)}`;

/** A connection of acme that waits for its customer, at a cloud that this installation has no application for. */
const view: ConnectionView = viewWith({
  id,
  provider: 'ovh',
  region: 'ovh-eu',
  method: 'authorization_code',
  invitation: {
    epoch: 3,
    expiresAt: '2026-12-07T08:00:00.000Z',
    purpose: 'connect',
    passcodeRequired: false,
    confirm: false,
    locked: false,
  },
});

/** The application with one connection of acme, and its audit record. */
export async function auditedApp(standIns: Partial<ConnectionsGateway> = {}, requestsPerMinute: number | null = null) {
  const connections = {
    assertOwned: async () => undefined,
    view: async () => foundOf(view),
    viewForLink: async () => foundOf(view),
    update: async () => ({ outcome: 'served', reply: view }),
    ...standIns,
  } as unknown as ConnectionsGateway;
  const composed = await composeApp({ requestsPerMinute }, { connections });
  const { deps } = composed;
  const always = { fromMs: null, toMs: null };
  return {
    ...composed,
    storeCredential: async (): Promise<void> => {
      const record = accessRecordWith({
        provider: 'ovh',
        endpoint: 'ovh-eu',
        auth_method: 'authorization_code',
        access_token: 'canary-token',
      });
      await deps.secrets.write('live', liveKeys.access(id), new Secret(record));
    },
    link: async (epoch = 3): Promise<string> => {
      const links = createInvitationLinks({ ...deps, publicUrl: deps.config.publicUrl });
      const expiresAt = '2026-12-07T08:00:00.000Z';
      return new URL(await links.url({ connection: id, epoch, expiresAt, passcode: undefined })).pathname;
    },
    /** The lines of a tenant, or with null of the installation, oldest first. */
    lines: async (tenant: string | null = 'acme'): Promise<readonly AuditLine[]> => {
      await deps.audit.recorder.flush();
      return (await deps.audit.page(tenant, always, null, 500)).lines.toReversed();
    },
  };
}
