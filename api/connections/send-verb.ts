import type { FastifyReply } from 'fastify';
import type { ConnectionView } from '../../contracts/connection.ts';
import type { Command } from '../../contracts/messages.ts';
import { connectionReply } from './reply.ts';
import type { ConnectionsGateway } from '../temporal/gateway.ts';
import type { UpdateName } from '../temporal/send-update.ts';
import type { Connection } from './schema.ts';

/** Sends a verb to its connection; answers what the connection looks like afterwards, 202 while it is being served. */
export async function sendVerb<C extends Command>(
  connections: ConnectionsGateway,
  reply: FastifyReply,
  id: string,
  name: UpdateName,
  command: C,
): Promise<Connection> {
  const update = await connections.update<ConnectionView, C>(id, name, command);
  if (update.outcome === 'served') return connectionReply(update.reply);
  reply.code(202);
  const found = await connections.view(command.tenant, id);
  return connectionReply(found.view, found);
}
