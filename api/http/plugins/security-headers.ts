import helmet from '@fastify/helmet';
import { plugin } from '../plugin.ts';

/**
 * Only our own origin, nothing inline, no framing. `upgrade-insecure-requests` is left out because it breaks
 * http://localhost.
 */
const contentSecurityPolicy = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
} as const;

export const securityHeaders = (publicUrl: string) =>
  plugin('security-headers', [], async (app) => {
    await app.register(helmet, {
      // Helmet would build the same text for every request.
      contentSecurityPolicy: false,
      strictTransportSecurity: isHttps(publicUrl) ? { maxAge: YEAR_SECONDS } : false,
      referrerPolicy: { policy: 'no-referrer' },
      crossOriginEmbedderPolicy: false,
      xFrameOptions: { action: 'deny' },
    });
    const policy = policyText(contentSecurityPolicy);
    app.addHook('onRequest', (_request, reply, done) => {
      reply.header('content-security-policy', policy);
      done();
    });
  });

const YEAR_SECONDS = 31_536_000;
const isHttps = (publicUrl: string): boolean => publicUrl.startsWith('https:');

/** The same headers, for an answer that no plugin can add any to. A test compares them with those of the plugin. */
export const constantSecurityHeaders = (publicUrl: string): Readonly<Record<string, string>> => ({
  'content-security-policy': policyText(contentSecurityPolicy),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  ...(isHttps(publicUrl) && { 'strict-transport-security': `max-age=${YEAR_SECONDS}; includeSubDomains` }),
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
});

/** What a single page needs beyond our own origin. */
export interface PagePolicy {
  /**
   * The sign-in page of a cloud that the form leads to. Browsers check every redirect after a submitted form against
   * `form-action`, and a cloud's sign-in may redirect through several hosts.
   */
  readonly leadsTo?: string | undefined;
  /** An image. Its origin is allowed, for images alone. */
  readonly image?: string | null | undefined;
}

export function pagePolicy({ leadsTo, image }: PagePolicy): string {
  const origin = (address: string): string => new URL(address).origin;
  return policyText({
    ...contentSecurityPolicy,
    ...(image && { 'img-src': [...contentSecurityPolicy['img-src'], origin(image)] }),
    ...(leadsTo !== undefined && { 'form-action': ["'self'", 'https:', origin(leadsTo)] }),
  });
}

const policyText = (directives: Readonly<Record<string, readonly string[]>>): string =>
  Object.entries(directives)
    .map(([name, values]) => `${name} ${values.join(' ')}`)
    .join(';');
