import type { Static } from 'typebox';
import type { Replay } from '../../../../api/webhooks/delivery-schema.ts';
import type { WithSecret } from '../../../../api/webhooks/schema.ts';
import { eventually } from '../../../support/eventually.ts';
import type { Lives } from '../life.ts';

/** Nobody listens there: deliveries wait for their next attempt. */
const NOWHERE = 'http://127.0.0.1:9/';

export const webhookReplays: Lives = {
  /** All events to a new endpoint; what has failed, which is nothing; one that is cancelled. */
  async webhookReplay(installation) {
    const { platform } = installation;
    const make = async (): Promise<string> => {
      const { webhook } = await platform.call<Static<typeof WithSecret>>('POST', '/v1/webhooks', { url: NOWHERE });
      return webhook.id;
    };
    const since = new Date(Date.now() - 3_600_000).toISOString();
    // Where the one before has just told its end, its workflow may be about to close.
    const replay = async (id: string, scope: string) =>
      await eventually(`a replay of ${scope}`, async () => {
        const path = `/v1/webhooks/${id}/replay`;
        return (await platform.call<Replay>('POST', path, { scope, since })).id;
      });
    const ended = async (id: string, job: string): Promise<string> => {
      await eventually(
        `${job} to end`,
        async () => {
          const { status } = await platform.call<Replay>('GET', `/v1/webhooks/${id}/replays/${job}`);
          return !['running', 'cancelling'].includes(status);
        },
        60_000,
      );
      return job;
    };
    await installation.connect();
    const [all, cancelled] = [await make(), await make()];
    const workflows = [
      await ended(all, await replay(all, 'all')),
      await ended(cancelled, await replay(cancelled, 'failed')),
    ];
    const job = await replay(cancelled, 'all');
    await platform.call('POST', `/v1/webhooks/${cancelled}/replays/${job}/cancel`);
    workflows.push(await ended(cancelled, job));
    for (const id of [all, cancelled]) await platform.call('DELETE', `/v1/webhooks/${id}`);
    return { workflows };
  },
};
