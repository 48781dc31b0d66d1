import type { FastifyReply } from 'fastify';
import { layout, type Page } from './layout.ts';

/** Pages show the state of a connection at one moment, for one browser: no cache may keep them. */
export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  return reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(layout(page));
}
