import type { FastifyReply, FastifyRequest } from 'fastify';
import type { KeyRing } from '../../platform/key-ring.ts';
import { ApiProblem } from '../http/problem.ts';

const VALUE = /^[A-Za-z0-9_-]{43}$/;
const LIFE_SECONDS = 30 * 24 * 3600;

export interface BrowserCookie {
  /** The digest that names this browser; undefined where it has no cookie of ours. */
  digestOf(request: FastifyRequest): string | undefined;
  /** The same, and sets the cookie when the browser has none. All tabs share it. */
  ensure(request: FastifyRequest, reply: FastifyReply): string;
  /** True when the request comes from the browser with this digest. */
  matches(request: FastifyRequest, digest: string): boolean;
}

/** Binds a sign-in to the browser that started it. Its value is random and not stored on the server. */
export function createBrowserCookie(deps: {
  readonly keyRing: KeyRing;
  readonly randomBytes: (size: number) => Buffer;
  readonly publicUrl: string;
}): BrowserCookie {
  const { keyRing, randomBytes } = deps;
  const secure = deps.publicUrl.startsWith('https:');
  // The prefix (RFC 6265bis, 4.1.3.2) prevents another subdomain from setting this cookie. Browsers require Secure for
  // it.
  const name = secure ? '__Host-mooring-browser' : 'mooring-browser';

  const valueOf = ({ cookies }: FastifyRequest): string | undefined => {
    const value = cookies[name];
    return value !== undefined && VALUE.test(value) ? value : undefined;
  };
  const digest = (value: string): string => keyRing.digest('browser', value);

  return {
    digestOf(request) {
      const value = valueOf(request);
      return value === undefined ? undefined : digest(value);
    },
    ensure(request, reply) {
      const value = valueOf(request) ?? randomBytes(32).toString('base64url');
      // Lax, because the cloud's redirect is a top-level navigation from another site and must send the cookie.
      reply.setCookie(name, value, { path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge: LIFE_SECONDS });
      return digest(value);
    },
    matches(request, expected) {
      const value = valueOf(request);
      return value !== undefined && keyRing.matches('browser', value, expected);
    },
  };
}

/** A second protection against cross-site requests, besides the SameSite=Lax cookie: it also stops other subdomains. */
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
