/** A cloud of Microsoft's with a directory and accounts of its own; nothing of one is known in another. */
export interface AzureCloud {
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
