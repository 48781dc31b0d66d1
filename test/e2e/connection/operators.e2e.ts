import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Refused } from '../../support/platform.ts';
import type { InWorld } from '../connection.e2e.ts';
import { temporalCli } from '../support/temporal-cli.ts';

const ACTIVE = 'MooringProvider="ovh" AND MooringStatus="active" AND ExecutionStatus="Running"';

/** What an operator can see in Temporal itself, with Temporal's own tools. */
export function operators({ world, customer }: InWorld): void {
  test('an active connection is found by an operator’s query through the Temporal CLI', async () => {
    const { id } = await customer().connect();
    const { connection: waiting } = await customer().platform.invite();
    const found = await eventually('the connection to be listed', async () => {
      const output = await temporalCli(world(), 'workflow', 'list', '--query', ACTIVE, '--output', 'json');
      const ids = (JSON.parse(output) as { execution: { workflowId: string } }[]).map(
        ({ execution }) => execution.workflowId,
      );
      return ids.includes(id) && ids;
    });
    expect(found).not.toContain(waiting.id);
  });

  test('Temporal shows view, summary and current details in readable form where the API decodes them', async () => {
    const { id } = await customer().connect({ name: 'billing' });
    const { codecFlags } = world();
    const about = ['--workflow-id', id];

    const queried = await temporalCli(world(), 'workflow', 'query', ...about, '--type', 'view', ...codecFlags);
    for (const readable of ['"status": "active"', 'la12345-ovh']) {
      expect(queried.replaceAll(/":\s*"/g, '": "')).toContain(readable);
    }
    const metadata = await temporalCli(world(), 'workflow', 'metadata', ...about, ...codecFlags);
    expect(metadata).toContain('**active** since');
    const described = await temporalCli(world(), 'workflow', 'describe', ...about, ...codecFlags);
    expect(described).toContain('OVHcloud (ovh-eu) for');
    expect(described).toContain('billing');
  });

  test('Temporal shows neither name nor account of a connection without the decoder', async () => {
    const { id } = await customer().connect({ name: 'confidential name' });
    const shown = await Promise.all(
      ['describe', 'show'].map(
        async (verb) => await temporalCli(world(), 'workflow', verb, '--workflow-id', id, '--output', 'json'),
      ),
    );
    for (const readable of ['confidential name', 'la12345-ovh', 'confidential%20name']) {
      expect(shown.join('')).not.toContain(readable);
      expect(shown.join('')).not.toContain(Buffer.from(readable).toString('base64').slice(0, -3));
    }
  });

  test('a connection is found by its name and its account, and counted, although Temporal shows neither', async () => {
    const { id } = await customer().connect({ name: 'Searched for' });
    const { platform } = customer();
    for (const query of ['name=searched', 'account=la12345-ovh', `q=${id}`]) {
      await eventually(`${query} to find it`, async () => {
        const { items } = await platform.call<{ items: { id: string }[] }>('GET', `/v1/connections?${query}`);
        return items.some((item) => item.id === id);
      });
    }
    const counted = await eventually(
      'it to be counted',
      async () => {
        const { connections } = await platform.call<{ connections: { byStatus: { active: number } } }>(
          'GET',
          '/v1/summary',
        );
        return connections.byStatus.active;
      },
      30_000,
    );
    expect(counted).toBeGreaterThan(0);
  });

  test('a terminated connection is started again by a request to recover or disconnect it', async () => {
    const { platform } = customer();
    for (const [method, path, ends] of [
      ['POST', '/recover', 'active'],
      ['DELETE', '', 'disconnected'],
    ] as const) {
      const { id } = await customer().connect();
      await temporalCli(world(), 'workflow', 'terminate', '--workflow-id', id, '--reason', 'by mistake');
      expect((await platform.get(id)).status).toBe('stopped');
      await eventually(
        `${method} to be taken`,
        async () =>
          await platform.call(method, `/v1/connections/${id}${path}`).catch((error: unknown) => {
            // On a slow machine the reconciliation that the request starts takes longer than the request.
            if (error instanceof Refused && error.code === 'connection_stopped') return false;
            throw error;
          }),
        60_000,
      );
      await platform.until(id, ends, 30_000);
    }
  });
}
