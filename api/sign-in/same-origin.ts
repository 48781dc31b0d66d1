import type { FastifyRequest } from 'fastify';
import { ApiProblem } from '../http/problem.ts';

/** The cookie is SameSite=Lax; this refuses what a lax browser or a sibling site lets through all the same. */
export function assertSameOrigin(request: FastifyRequest, publicUrl: string): void {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const foreign = origin === undefined ? site !== undefined && site !== 'same-origin' : origin !== publicUrl;
  if (!foreign) return;
  throw new ApiProblem({
    status: 403,
    code: 'foreign_origin',
    message: 'The form was sent from another site.',
    remedy: 'Open the invitation link itself and press Continue there.',
  });
}
