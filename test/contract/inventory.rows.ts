import type { CompleteList, InventoryRow, KeptRow, WrittenList } from '../../stores/inventory/port.ts';

export const row = (id: string, changes: Partial<InventoryRow> = {}): InventoryRow => ({
  key: id,
  kind: 'instance',
  project: 'p1',
  id,
  name: `name of ${id}`,
  region: 'GRA11',
  zone: null,
  status: 'ACTIVE',
  createdAt: null,
  tags: {},
  nativeType: 'instance',
  url: `https://api.test/${id}`,
  consoleUrl: null,
  source: 'cli',
  summary: { flavor: 'b3-8' },
  ...changes,
});

export const kept = (listed: InventoryRow): KeptRow => ({ ...listed, missingSince: null });

export const problem = { code: 'cloud_unavailable', message: 'It is down.', remedy: 'Wait.' };
export const noChanges = { added: [], removed: [], changed: [] };

export const written = (more: Partial<WrittenList> = {}): WrittenList => ({
  ...noChanges,
  access: null,
  problem: null,
  ...more,
});

/** A complete list with a witness: what it lacks is gone. */
export const proven: CompleteList = {
  since: '2030-01-01T00:00:00.000Z',
  witness: async (absent) => ({
    gone: new Set(absent.map(({ key }) => key)),
    there: new Set(),
    refused: null,
  }),
};

export const writeTo = (connection: string, kind = 'instance', project: string | null = 'p1', epoch = 1) => ({
  connection,
  epoch,
  kind,
  project,
});
