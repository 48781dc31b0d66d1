import { because } from './failures.ts';
import { configurationFiles, readMerged, type Ini } from './ini.ts';
import { quoted } from './json.ts';

export type Credentials =
  | { readonly kind: 'token'; readonly accessToken: string }
  | { readonly kind: 'application'; readonly key: string; readonly secret: string; readonly consumerKey: string }
  | { readonly kind: 'client'; readonly id: string; readonly secret: string; readonly tokenUrl: string };

export interface ClientSettings {
  readonly endpoint: string;
  readonly credentials: Credentials;
}

type Environment = Readonly<Record<string, string | undefined>>;

const endpoints: Readonly<Record<string, string>> = {
  'ovh-eu': 'https://eu.api.ovh.com/1.0',
  'ovh-ca': 'https://ca.api.ovh.com/1.0',
  'ovh-us': 'https://api.us.ovhcloud.com/1.0',
};

const tokenUrls: Readonly<Record<string, string>> = {
  'https://eu.api.ovh.com/1.0': 'https://www.ovh.com/auth/oauth2/token',
  'https://ca.api.ovh.com/1.0': 'https://ca.ovh.com/auth/oauth2/token',
  'https://api.us.ovhcloud.com/1.0': 'https://us.ovhcloud.com/auth/oauth2/token',
};

/** Environment before files; a section is named like the endpoint as given. Throws the program's own sentences. */
export function readSettings(environment: Environment): ClientSettings {
  const ini = merged();
  const setting = (section: string, name: string): string =>
    environment[`OVH_${name.toUpperCase()}`] || (ini.get(section)?.get(name) ?? '');
  const name = setting('default', 'endpoint') || 'ovh-eu';
  const at = (key: string): string => setting(name, key);

  const application = [at('application_key'), at('application_secret'), at('consumer_key')] as const;
  const client = [at('client_id'), at('client_secret')] as const;
  const accessToken = at('access_token');
  const given = [
    ...(application.some(Boolean) ? ['application_key/application_secret'] : []),
    ...(client.some(Boolean) ? ['client_id/client_secret'] : []),
    ...(accessToken === '' ? [] : ['access_token']),
  ];
  if (given.length > 1) throw new Error(`can't use multiple authentication methods: ${given.join(', ')}`);
  if (given.length === 0) {
    throw new Error(
      'missing authentication information, you need to provide one of the following: application_key/application_secret, client_id/client_secret, or access_token',
    );
  }
  if (client.some(Boolean) && !client.every(Boolean)) {
    throw new Error('invalid oauth2 config, both client_id and client_secret must be given');
  }
  if (application.some(Boolean) && !(application[0] && application[1])) {
    throw new Error('invalid authentication config, both application_key and application_secret must be given');
  }

  const endpoint = name.includes('/') ? name : endpoints[name];
  if (endpoint === undefined) {
    throw new Error(`unknown endpoint '${name}', consider checking 'Endpoints' list or using an URL`);
  }
  if (accessToken !== '') return { endpoint, credentials: { kind: 'token', accessToken } };
  if (application[0] !== '') {
    const [key, secret, consumerKey] = application;
    return { endpoint, credentials: { kind: 'application', key, secret, consumerKey } };
  }
  const tokenUrl = tokenUrls[endpoint];
  if (tokenUrl === undefined) {
    throw new Error(`oauth2 authentication is not compatible with endpoint ${quoted(endpoint)}`);
  }
  return { endpoint, credentials: { kind: 'client', id: client[0], secret: client[1], tokenUrl } };
}

function merged(): Ini {
  try {
    return readMerged(configurationFiles());
  } catch (error) {
    throw because('cannot load configuration', error);
  }
}
