import type { FastifyReply } from 'fastify';
import type { Static } from 'typebox';
import type { ConnectionView } from '../../contracts/connection.ts';
import type { UpdateOutcome } from '../temporal/send-update.ts';
import { openInvitationReply } from './invitation-reply.ts';
import { ApiProblem } from '../http/problem.ts';
import type { InvitedSchema } from './invitation-schema.ts';

/** 201 with the new link. It belongs to an epoch that only the connection can give: without its answer there is none. */
export async function replyWithLink(
  reply: FastifyReply,
  deps: Parameters<typeof openInvitationReply>[0],
  update: UpdateOutcome<ConnectionView>,
  passcode: string | undefined,
): Promise<Static<typeof InvitedSchema>> {
  if (update.outcome === 'accepted') {
    throw new ApiProblem({
      status: 503,
      code: 'connection_busy',
      message: 'The connection is busy; the new link will be made, but could not be answered in time.',
      remedy: 'Repeat the request with the same Idempotency-Key to get it.',
      details: { retryAfterSeconds: 5 },
    });
  }
  reply.code(201).header('cache-control', 'no-store');
  return await openInvitationReply(deps, update.reply, passcode);
}
