import type { ConnectionStatus } from './connection.ts';
import { plainText } from './plain-text.ts';
import { plainProblem, type Problem } from './problem.ts';
import type { ConnectionEventData, ConnectionEventType, WebhookEvent } from './webhooks.ts';

/** Problems quote clouds and may hold whole policies; an event stays below 4 KB. */
const MESSAGE_CHARACTERS = 300;
const REMEDY_CHARACTERS = 600;
const LINK_CHARACTERS = 300;
const TAGS_KEPT = 20;
const NAME_CHARACTERS = 100;

/** Who is told of, in every event of a connection. */
type EventConnection = ConnectionEventData['connection'];

/** What an event says of a connection. The same input makes the same event, to the byte. */
export function connectionEvent(
  type: ConnectionEventType,
  /** ISO 8601. */
  timestamp: string,
  facts: {
    readonly connection: EventConnection;
    readonly previousStatus: ConnectionStatus | null;
    readonly sequence: number;
    readonly problem: Problem | null;
  },
): WebhookEvent {
  const { id, tenant, provider, region, method, name, tags, account, status, statusSince } = facts.connection;
  const { previousStatus, sequence, problem } = facts;
  return {
    id: connectionEventId(id, sequence, type),
    type,
    timestamp,
    data: {
      connection: {
        id,
        tenant,
        provider,
        region,
        method,
        name: name && plainText(name, NAME_CHARACTERS),
        tags: tags.slice(0, TAGS_KEPT),
        account: account && {
          ...account,
          displayName: account.displayName && plainText(account.displayName, NAME_CHARACTERS),
        },
        status,
        statusSince,
      },
      previousStatus,
      sequence,
      problem: problem && shortProblem(problem),
    },
  };
}

/**
 * Has the type in it: after a reset of its workflow, a connection may count on from an earlier number, and another event
 * must not be taken for the one that was told under this number before.
 */
const connectionEventId = (connectionId: string, sequence: number, type: ConnectionEventType): string =>
  `evt_${connectionId}_${sequence}_${type.replace('connection.', '')}`;

/** The first event. The API makes it of the view that the workflow starts with, and the workflow makes the same. */
export const createdEvent = (connection: EventConnection): WebhookEvent =>
  connectionEvent('connection.created', connection.statusSince, {
    connection,
    previousStatus: null,
    sequence: 1,
    problem: null,
  });

function shortProblem(problem: Problem): Problem {
  const { code, message, remedy, link } = plainProblem(problem);
  return {
    code,
    message: plainText(message, MESSAGE_CHARACTERS),
    remedy: remedy.length <= REMEDY_CHARACTERS ? remedy : `${remedy.slice(0, REMEDY_CHARACTERS - 1)}…`,
    // A part of a link leads nowhere.
    ...(link !== undefined && link.length <= LINK_CHARACTERS && { link }),
  };
}
