import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { SecretStore } from '../../stores/secrets/port.ts';
import type { Logger } from '../../platform/logger.ts';
import type { ConnectionView } from '../../workflows/contracts/connection.ts';
import { messages } from '../../workflows/contracts/messages.ts';
import { deadlines, within } from './deadlines.ts';
import { freshest, parseView } from './parse-view.ts';
import { isWorkflowGone } from './temporal-errors.ts';
import { tombstoneView } from './tombstone-view.ts';

/** Where a view was read: the workflow itself, what it last published, or what is left of it. */
export type ViewSource = 'workflow' | 'published' | 'tombstone';

export interface Sighting {
  readonly view: ConnectionView;
  readonly source: ViewSource;
}

export interface Lookup {
  /** The view of a connection, from the best source that answers; undefined where there is no such connection. */
  sight(id: string): Promise<Sighting | undefined>;
  /** Undefined where Temporal has no such workflow (any more). */
  describe(id: string): Promise<WorkflowExecutionDescription | undefined>;
  /** What the connection last published: for readers that must depend on neither worker nor Temporal. Never rejects. */
  published(id: string): Promise<ConnectionView | undefined>;
  /** What is left of a connection that Temporal has forgotten. */
  remains(id: string): Promise<ConnectionView | undefined>;
}

export function createLookup(deps: {
  readonly client: Client;
  readonly ephemeral: EphemeralStore;
  readonly secrets: SecretStore;
  readonly logger: Logger;
}): Lookup {
  const { client, ephemeral, secrets, logger } = deps;

  const describe: Lookup['describe'] = async (id) => {
    try {
      return await within(client, deadlines.describe, () => client.workflow.getHandle(id).describe());
    } catch (error) {
      if (isWorkflowGone(error)) return undefined;
      throw error;
    }
  };

  const published: Lookup['published'] = async (id) => {
    try {
      return parseView(await ephemeral.get(ephemeralKeys.condition(id)));
    } catch (error) {
      logger.warn({ err: error, connection: id }, 'The last published view could not be read.');
      return undefined;
    }
  };

  const remains: Lookup['remains'] = async (id) => tombstoneView((await secrets.read('tombstones', id))?.data.reveal());

  const withoutWorker = async (id: string, failure: unknown): Promise<Sighting | undefined> => {
    const [memo, last] = await Promise.all([
      describe(id).then(
        (description) => parseView(description?.memo?.['view']),
        () => undefined,
      ),
      published(id),
    ]);
    const view = freshest(memo, last);
    if (!view) throw failure;
    return { view, source: 'published' };
  };

  return {
    describe,
    published,
    remains,
    async sight(id) {
      try {
        const handle = client.workflow.getHandle(id);
        const view = await within(client, deadlines.query, () => handle.query<ConnectionView>(messages.view));
        return { view, source: 'workflow' };
      } catch (error) {
        if (!isWorkflowGone(error)) return await withoutWorker(id, error);
        const view = await remains(id);
        return view && { view, source: 'tombstone' };
      }
    },
  };
}
