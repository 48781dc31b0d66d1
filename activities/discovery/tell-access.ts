import type { Json } from '../../platform/json.ts';
import type { ConnectionRef } from '../../contracts/connection.ts';
import { appendEvents, type EventDependencies } from './append-events.ts';
import type { AccessChange } from './list-progress.ts';

/** Appends to the tenant's events which kinds can no longer be listed, and which can be listed again. */
export async function tellAccess(
  deps: EventDependencies,
  connection: ConnectionRef,
  changes: readonly AccessChange[],
): Promise<void> {
  await appendEvents(deps, connection, changes.map(accessEvent));
}

function accessEvent({ access, kind, project, projects, action }: AccessChange): { [key: string]: Json } {
  const where = projects > 1 ? ` in ${projects} projects` : project === null ? '' : ` in ${project}`;
  const why = action === null ? 'the credential lacks the right' : `the credential lacks the right ${action}`;
  const text =
    access === 'lost'
      ? `Resources of kind ${kind} can no longer be listed${where}: ${why}.`
      : `Resources of kind ${kind} can be listed again${where}.`;
  return { event: `resource_access_${access}`, text, kind, project: projects > 1 ? null : project, projects, action };
}
