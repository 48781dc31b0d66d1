/** The weak settings that production refuses unless `MOORING_ALLOW` names them, each with what may happen. */
export const risks = {
  'http-public-url': 'API keys, invitations and session cookies can be read on the way to the API',
  'http-ui-origin': 'a page that is changed on its way to the browser can have payloads decoded',
  'http-vault': "every credential, and the process's own sign-in, can be read on the way to Vault",
  'http-clouds': "refresh tokens and the application's secret can be read on the way to the cloud",
  'redis-without-password': 'every program that reaches Redis can end sign-ins, reset limits and hold back renewals',
  'redis-without-tls': 'the password of Redis can be read on the way',
  'temporal-without-tls': 'connections can be listed, and commands given to them, on the way to Temporal',
  'unverified-tls': 'another server can pose as Vault, Temporal, Redis or a cloud',
  'weak-keys': 'if the key is guessed, every payload can be opened and every link forged',
  'weak-codec-token': 'if the path is guessed, payloads can be decoded',
  'all-proxies': 'every caller can choose the address that limits and logs go by',
} as const;

export type Risk = keyof typeof risks;

export const isRisk = (word: string): word is Risk => Object.hasOwn(risks, word);
