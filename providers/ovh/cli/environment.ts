import type { ChildVariables } from '../../cli/child-environment.ts';
import type { ListContext } from '../../listing/lister.ts';
import { credentialOf, endpointOf, type Credential } from './credential.ts';

/**
 * The program's environment. It refuses to work when it finds more than one kind of credential, files included; so
 * exactly one is given, the endpoint is a URL (no named section of a file is read), and the profile is the plain one.
 */
export function programEnvironment({ region, record }: Pick<ListContext, 'region' | 'record'>): ChildVariables {
  return { OVH_ENDPOINT: endpointOf(region), OVH_PROFILE: 'default', ...credentialVariables(credentialOf(record)) };
}

function credentialVariables(credential: Credential): ChildVariables {
  switch (credential.kind) {
    case 'token':
      return { OVH_ACCESS_TOKEN: credential.accessToken };
    case 'application':
      return {
        OVH_APPLICATION_KEY: credential.applicationKey,
        OVH_APPLICATION_SECRET: credential.applicationSecret,
        OVH_CONSUMER_KEY: credential.consumerKey,
      };
  }
}
