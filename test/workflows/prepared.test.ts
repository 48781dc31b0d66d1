import { describe, expect, inject, test } from 'vitest';
import type { JsonObject } from '../../platform/json.ts';
import { eventually } from '../support/eventually.ts';
import { submitted } from './support/submission.ts';
import { useWorld } from './support/world.ts';

describe.skipIf(inject('components').timeSkipping === null)('what is made out of a submission', () => {
  const world = useWorld();

  const submittedBy = async (method: string, fields: JsonObject) =>
    await submitted(world, { provider: 'ovh', region: 'ovh-eu', method }, fields);
  const keys = async () => {
    const { applicationKey, applicationSecret, consumerKey } = await world.cloud.ovh.createKeys();
    return { application_key: applicationKey, application_secret: applicationSecret, consumer_key: consumerKey };
  };

  test('a consumer key that is approved hours later makes the connection active by itself', async () => {
    const { consumer_key: _, ...fields } = await keys();
    const connection = await submittedBy('api_credentials', fields);
    const link = await eventually(
      'a key to have been asked for',
      async () => (await connection.pending())?.['validation_url'],
    );
    await world.pass({ hours: 3 });
    const waiting = await connection.view();
    expect(waiting.status).toBe('verifying');
    expect(waiting.verification?.lastProblem).toMatchObject({ code: 'consumer_key_unapproved', link });
    await world.cloud.ovh.decideConsumerKey(link as string);
    await world.pass({ minutes: 6 });
    expect((await connection.becomes('active')).account).toMatchObject({ id: 'la12345-ovh' });
    expect((await world.cloud.counters()).requests['auth.credential'], 'one key was asked for').toBe(1);
  });

  test('a service account keeps none of the keys that made it, and its tombstone says what remains at the cloud', async () => {
    const maker = await keys();
    const [project] = await world.cloud.ovh.projects();
    const connection = await submittedBy('client_credentials', {
      ...maker,
      project_ids: project?.id ?? '',
      access: 'read',
    });
    await connection.becomes('active');
    const live = await connection.live();
    expect(live).toMatchObject({ client_id: expect.any(String) as string, access_token: expect.any(String) as string });
    for (const secret of Object.values(maker)) expect(JSON.stringify(live)).not.toContain(secret);
    expect(await connection.pending()).toBeUndefined();

    await connection.send('disconnect');
    const { tombstone } = await connection.becomes('disconnected');
    expect(tombstone?.revocation).toMatchObject({ outcome: 'unsupported' });
    expect(JSON.stringify(tombstone)).toContain(`DELETE /me/api/oauth2/client/${live?.['client_id'] as string}`);
  });
});
