import type { InventoryRow } from '../../stores/inventory/port.ts';

export const row = (id: string, changes: Partial<InventoryRow> = {}): InventoryRow => ({
  key: id,
  kind: 'instance',
  project: 'p1',
  id,
  name: `name of ${id}`,
  region: 'GRA11',
  status: 'ACTIVE',
  url: `https://api.test/${id}`,
  source: 'cli',
  summary: { flavor: 'b3-8' },
  ...changes,
});

export const problem = { code: 'cloud_unavailable', message: 'It is down.', remedy: 'Wait.' };
export const noChanges = { added: [], removed: [], changed: [] };
