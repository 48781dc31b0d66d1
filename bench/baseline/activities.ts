import { randomUUID } from 'node:crypto';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { redeem, refresh, whoAmI, type BareCloud, type BareCode } from './cloud.ts';
import { accessOf, accessPath, recordOf, renewalPath, type BareRecord } from './record.ts';
import type { BareVault } from './vault.ts';

export type BareActivities = ReturnType<typeof createBareActivities>;

/** The least that a connection can be kept alive and onboarded with, if nothing ever goes wrong. */
export function createBareActivities({ vault, cloud }: { vault: BareVault; cloud: BareCloud }) {
  return {
    /**
     * One attempt of the loop: renews what is due, and asks to be tried again when it will be next. Never returns. The
     * calls are those of the product: read, marker, cloud, renewal, access.
     */
    async renew(id: string): Promise<void> {
      const { data: record, version } = await vault.read<BareRecord>(renewalPath(id));
      const leftMs = record.next_refresh_at_ms - Date.now();
      if (leftMs > 0) throw again(leftMs);
      const spending = { attempt: randomUUID(), started_at_ms: Date.now() };
      const marked = await vault.write(renewalPath(id), { ...record, spending }, version);
      const tokens = await refresh(cloud, record.refresh_token);
      const next = recordOf(tokens, record.access_version + 1);
      await vault.write(renewalPath(id), next, marked);
      await vault.write(accessPath(id), accessOf(tokens), record.access_version);
      throw again(next.next_refresh_at_ms - Date.now());
    },

    /** First half of a bare onboarding: one call to the cloud, one write. */
    async exchange(id: string, code: BareCode): Promise<void> {
      const tokens = await redeem(cloud, code);
      await vault.write(renewalPath(id), { ...recordOf(tokens, 0), access_token: tokens.access_token }, 0);
    },

    /** Second half: one call to the cloud, one write. The token is passed by the store, as in the product. */
    async prove(id: string): Promise<void> {
      const { data } = await vault.read<BareRecord & { access_token: string }>(renewalPath(id));
      const account = await whoAmI(cloud, data.access_token);
      await vault.write(accessPath(id), { access_token: data.access_token, account }, 0);
    },
  };
}

const again = (afterMs: number): ApplicationFailure =>
  ApplicationFailure.create({
    message: 'Fresh.',
    type: 'fresh',
    nextRetryDelay: Math.max(1, Math.round(afterMs)),
    category: ApplicationFailureCategory.BENIGN,
  });
