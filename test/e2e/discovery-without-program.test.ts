import { Client, Connection as TemporalConnection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { taskQueues } from '../../contracts/ids.ts';
import type { Resource } from '../../api/resources/schema.ts';
import { eventually } from '../support/eventually.ts';
import { sdkMetrics } from '../support/sdk-metrics.ts';
import { startDiscoveryStack, type DiscoveryStack } from './support/discovery-stack.ts';

describe.skipIf(inject('components').temporal === null)(
  'discovery where the program is missing',
  { timeout: 90_000 },
  () => {
    let world: DiscoveryStack;
    beforeAll(async () => {
      world = await startDiscoveryStack({ OVHCLOUD_PATH: '/nowhere/ovhcloud' });
    }, 120_000);
    afterAll(async () => await world.close(), 60_000);

    test('all kinds are listed over the REST API where the program is missing, and a notice names path and variable', async () => {
      const { id, discovery, status } = await world.discovered();
      expect(status).toBe('active');
      expect(discovery?.last).toMatchObject({ lists: 29, complete: 29, failed: 0, partial: 0 });
      const { message = '', remedy = '' } = discovery?.last?.notice ?? {};
      expect(message).toContain('/nowhere/ovhcloud');
      expect(remedy).toContain('OVHCLOUD_PATH');
      const { items } = await world.platform.call<{ items: readonly Resource[] }>(
        'GET',
        `/v1/connections/${id}/resources?limit=1000`,
      );
      expect(items).toHaveLength(discovery?.last?.resources ?? -1);
      expect(new Set(items.map(({ kind }) => kind)).size).toBe(11);
      expect(new Set(items.map(({ source }) => source))).toEqual(new Set(['rest']));
    });

    test('the worker reports the missing program at /readyz and stays ready', async () => {
      const response = await fetch(`http://127.0.0.1:${world.ports.metrics}/readyz`);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({
        status: 'running',
        listing: { ovh: { source: 'rest', version: null, notice: { code: 'ovhcloud_missing' } } },
      });
    });

    test('the worker’s metrics cover stores, refreshes, cloud requests, discovery and Temporal', async () => {
      const text = await (await fetch(`http://127.0.0.1:${world.ports.metrics}/metrics`)).text();
      const names = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
      const expected = [
        'mooring_secret_store_seconds',
        'mooring_ephemeral_store_seconds',
        'mooring_provider_request_seconds',
        'mooring_refreshes_total',
        'mooring_refresh_lateness_seconds',
        'mooring_discovery_list_seconds',
        'mooring_discovery_seconds',
        'temporal_workflow_task_execution_latency',
      ];
      expect([...names]).toEqual(expect.arrayContaining(expected));
      expect(text).toMatch(/^mooring_discovery_list_seconds_count\{[^}]*\} [1-9]/m);
    });

    test('a worker exports what rules and dashboards ask of Temporal’s SDK, with the labels that they use', async () => {
      const connection = await TemporalConnection.connect({ address: world.stack.info().temporal });
      // A workflow task that fails: this build has no workflow of that type.
      const handle = await new Client({ connection }).workflow.start('unknown', {
        taskQueue: taskQueues.workflows,
        workflowId: 'unknown',
      });
      const isExported = (text: string, name: string, labels: readonly string[]): boolean => {
        const [, found] = new RegExp(`^${name}\\{(.*)\\} `, 'm').exec(text) ?? [];
        return found !== undefined && labels.every((label) => found.includes(`${label}="`));
      };
      const text = await eventually('the failed workflow task to be counted', async () => {
        const page = await (await fetch(`http://127.0.0.1:${world.ports.metrics}/metrics`)).text();
        return page.includes('temporal_workflow_task_execution_failed_total{') && page;
      });
      const missing = Object.entries(sdkMetrics).filter(([name, labels]) => !isExported(text, name, labels));
      expect(missing).toEqual([]);
      await handle.terminate();
      await connection.close();
    });
  },
);
