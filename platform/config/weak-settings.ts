import type { Secret } from '../secret.ts';
import type { KeyRing } from '../key-ring.ts';
import { isLoopback, isPrivateHost, judgeProxies } from './networks.ts';
import { risks, type Risk } from './risks.ts';
import { variables } from './variables.ts';

/** What is judged of a configuration. */
interface JudgedSettings {
  readonly publicUrl: string;
  readonly uiOrigin: string;
  readonly trustedProxies: string | undefined;
  readonly temporal: { readonly address: string; readonly tls: boolean };
  readonly vault: { readonly address: string } | undefined;
  readonly redisUrl: Secret<string> | undefined;
  readonly codecPathToken: Secret<string> | undefined;
  readonly keyRing: KeyRing | undefined;
}

interface WeakSetting {
  readonly risk: Risk;
  readonly variable: string;
  /** What is weak about it. */
  readonly what: string;
  /** What to do instead. */
  readonly instead: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const SHORTEST_TOKEN = 32;
/** Random hexadecimal digits of that number have fewer in one of ten million cases. */
const FEWEST_CHARACTERS = 8;

/**
 * Every setting that is weak for production, whether it is allowed or not. `cloudUrls` names the variables that replace
 * a cloud's URLs.
 */
export function weakSettings(
  processName: 'api' | 'worker',
  settings: JudgedSettings,
  environment: Environment,
  cloudUrls: readonly string[],
): WeakSetting[] {
  return [
    ...(processName === 'api' ? weakAtTheApi(settings) : weakClouds(environment, cloudUrls)),
    ...weakStores(settings),
    ...weakKeys(settings),
    ...when(
      environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0',
      'unverified-tls',
      'NODE_TLS_REJECT_UNAUTHORIZED',
      'is 0',
      `remove it, and name your own authority with ${variables.caFile.name}`,
    ),
  ];
}

/** For the operator: what may happen, what is better, and the word that allows it. */
export const refusalOf = ({ risk, variable, what, instead }: WeakSetting): string =>
  `${variable} ${what}: ${risks[risk]}. Better: ${instead}. To run with it all the same, add "${risk}" to ${variables.allow.name}.`;

function weakAtTheApi({ publicUrl, uiOrigin, trustedProxies, codecPathToken }: JudgedSettings): WeakSetting[] {
  const { tooWide } = judgeProxies(trustedProxies ?? '');
  const token = codecPathToken?.reveal();
  return [
    ...when(isHttp(publicUrl), 'http-public-url', variables.publicUrl.name, 'is http', 'put the API behind https'),
    ...when(
      isHttpElsewhere(uiOrigin),
      'http-ui-origin',
      variables.uiOrigin.name,
      'is http',
      'serve the Temporal UI by https, or through a tunnel to this machine',
    ),
    ...when(
      tooWide.length > 0,
      'all-proxies',
      variables.trustedProxies.name,
      `takes ${tooWide.join(' and ')} for reverse proxies`,
      'name only the networks that your proxies are in',
    ),
    ...when(
      token !== undefined && (token.length < SHORTEST_TOKEN || new Set(token).size < FEWEST_CHARACTERS),
      'weak-codec-token',
      variables.codecPathToken.name,
      `is shorter than ${SHORTEST_TOKEN} characters, or has fewer than ${FEWEST_CHARACTERS} different ones`,
      'make one with openssl rand -hex 32',
    ),
  ];
}

const weakClouds = (environment: Environment, urls: readonly string[]): WeakSetting[] =>
  urls
    .filter((name) => isHttpElsewhere(environment[name] ?? ''))
    .flatMap((name) => when(true, 'http-clouds', name, 'is http', 'use https'));

function weakStores({ temporal, vault, redisUrl }: JudgedSettings): WeakSetting[] {
  const redis = redisUrl?.reveal();
  return [
    ...when(
      vault !== undefined && isHttp(vault.address),
      'http-vault',
      variables.vaultAddress.name,
      'is http',
      'give Vault a certificate, and use its https address',
    ),
    ...when(
      redis !== undefined && !hasPassword(redis),
      'redis-without-password',
      variables.redisUrl.name,
      'has no password',
      'require one in Redis (requirepass, or an ACL user)',
    ),
    ...when(
      redis !== undefined && !redis.startsWith('rediss'),
      'redis-without-tls',
      variables.redisUrl.name,
      'is not a rediss URL',
      'give Redis a certificate, and use rediss',
    ),
    ...when(
      !temporal.tls && !isPrivateHost(temporal.address.replace(/:\d+$/, '')),
      'temporal-without-tls',
      variables.temporalAddress.name,
      `is outside the private network, and ${variables.temporalTls.name} is not true`,
      `set ${variables.temporalTls.name}=true`,
    ),
  ];
}

function weakKeys({ keyRing }: JudgedSettings): WeakSetting[] {
  const weak = keyRing?.weakKeyIds ?? [];
  const isRetired = (id: string): boolean => keyRing?.retiredKeyIds.includes(id) === true;
  const among = (variable: string, ids: readonly string[], instead: string): WeakSetting[] =>
    when(
      ids.length > 0,
      'weak-keys',
      variable,
      `has a key that was not made at random: ${ids.map((id) => `"${id}"`).join(', ')}`,
      instead,
    );
  return [
    ...among(
      variables.keys.name,
      weak.filter((id) => !isRetired(id)),
      'rotate to a key that npm run key makes',
    ),
    ...among(variables.retiredKeys.name, weak.filter(isRetired), 'remove it, and send new invitations'),
  ];
}

function when(applies: boolean, risk: Risk, variable: string, what: string, instead: string): WeakSetting[] {
  return applies ? [{ risk, variable, what, instead }] : [];
}

const isHttp = (url: string): boolean => URL.canParse(url) && new URL(url).protocol === 'http:';
/** Not where it stays on this machine. */
const isHttpElsewhere = (url: string): boolean => isHttp(url) && !isLoopback(new URL(url).hostname);

/** In the user's part of the URL, or as a query parameter, which ioredis takes too. */
const hasPassword = (redisUrl: string): boolean =>
  /^[\w+]+:\/\/[^@/?]*:[^@/?]+@/.test(redisUrl) || /[?&]password=[^&]/.test(redisUrl);
