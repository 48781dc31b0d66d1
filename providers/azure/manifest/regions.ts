import type { RegionManifest } from '../../manifests/types.ts';

/** A cloud of Microsoft's with a directory and accounts of its own; nothing of one is known in another. */
interface AzureCloud {
  readonly id: string;
  readonly label: string;
  readonly variablePrefix: string;
  /** Microsoft Entra ID, which signs people and applications in. */
  readonly authority: string;
  /** Azure Resource Manager: where it answers, and what its tokens are meant for. */
  readonly resourceManager: string;
  readonly portal: string;
  /** Its name for `az cloud set`. */
  readonly azName: string;
}

/** https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud */
export const clouds: readonly AzureCloud[] = [
  {
    id: 'global',
    label: 'public cloud',
    variablePrefix: 'AZURE',
    authority: 'https://login.microsoftonline.com',
    resourceManager: 'https://management.azure.com',
    portal: 'https://portal.azure.com',
    azName: 'AzureCloud',
  },
  {
    id: 'china',
    label: 'China, operated by 21Vianet',
    variablePrefix: 'AZURE_CHINA',
    authority: 'https://login.partner.microsoftonline.cn',
    resourceManager: 'https://management.chinacloudapi.cn',
    portal: 'https://portal.azure.cn',
    azName: 'AzureChinaCloud',
  },
  {
    id: 'us-government',
    label: 'US Government',
    variablePrefix: 'AZURE_US_GOVERNMENT',
    authority: 'https://login.microsoftonline.us',
    resourceManager: 'https://management.usgovcloudapi.net',
    portal: 'https://portal.azure.us',
    azName: 'AzureUSGovernment',
  },
];

export const regions: readonly RegionManifest[] = clouds.map(region);

function region({ id, label, variablePrefix: prefix, authority, resourceManager, portal }: AzureCloud): RegionManifest {
  return {
    id,
    label,
    urls: {
      authority: { url: authority, variable: `${prefix}_AUTHORITY_HOST` },
      authorize: { url: `${authority}/{tenantId}/oauth2/v2.0/authorize`, variable: `${prefix}_AUTHORIZE_URL` },
      token: { url: `${authority}/{tenantId}/oauth2/v2.0/token`, variable: `${prefix}_TOKEN_URL` },
      api: { url: resourceManager, variable: `${prefix}_API_URL` },
      audience: { url: resourceManager, variable: `${prefix}_AUDIENCE` },
    },
    settings: {
      clientId: {
        names: [`${prefix}_CLIENT_ID`],
        description: `Application (client) ID of Mooring's own app registration in cloud \`${id}\`, for sign-in.`,
      },
      clientSecret: {
        names: [`${prefix}_CLIENT_SECRET`],
        description: 'A client secret of the same application: its value, not its ID. Mind the day it expires on.',
        secret: true,
      },
      tenantId: {
        names: [`${prefix}_TENANT_ID`],
        description: 'Who may sign in: a directory (tenant) ID, or `organizations` for every work account.',
        default: 'organizations',
      },
      redirectUri: {
        names: [`${prefix}_REDIRECT_URI`],
        description:
          'Redirect URI registered with the application, to the letter. Default: PUBLIC_URL + /azure/callback.',
      },
      adminConsentUrl: {
        names: [`${prefix}_ADMIN_CONSENT_URL`],
        description:
          'Where administrators allow the application for their organisation; `{tenantId}` stands for the tenant.',
        default: `${authority}/{tenantId}/adminconsent`,
      },
      appRegistrationsUrl: {
        names: [`${prefix}_APP_REGISTRATIONS_URL`],
        description: 'Where customers make an application and its client secret.',
        default: `${portal}/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade`,
      },
    },
  };
}
