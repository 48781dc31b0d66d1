import type { JsonObject } from '../../../../platform/json.ts';

/** A password that stands wherever a real answer may hold one. It must never come out of Mooring. */
export const PLANTED = 'hunter2';

/** What is particular to resources of one type. */
export interface TypeDefinition {
  /** As Azure Resource Manager writes it. */
  readonly type: string;
  readonly prefix: string;
  /** Names of those above it, for a resource that is below others. */
  readonly parent?: string;
  readonly kind?: string;
  readonly sku?: string;
  readonly isZonal?: boolean;
  /** Of a machine: said by Resource Graph and by the list of states, not by the resource itself. */
  readonly power?: (number: number) => string;
  readonly properties: (number: number, created: string) => JsonObject;
}

const done = { provisioningState: 'Succeeded' };
const secretEnvironment = [{ name: 'PASSWORD', value: PLANTED }];

const machine: TypeDefinition = {
  type: 'Microsoft.Compute/virtualMachines',
  prefix: 'vm',
  isZonal: true,
  power: (number) => (number % 5 === 0 ? 'PowerState/deallocated' : 'PowerState/running'),
  properties: (number, timeCreated) => ({
    ...done,
    timeCreated,
    vmId: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    hardwareProfile: { vmSize: 'Standard_D2s_v5' },
    osProfile: { computerName: `vm-${number}`, customData: PLANTED, adminPassword: PLANTED },
    userData: PLANTED,
    extensionProfile: { extensions: [{ settings: { script: PLANTED }, protectedSettings: { key: PLANTED } }] },
  }),
};

const scaleSet: TypeDefinition = {
  type: 'Microsoft.Compute/virtualMachineScaleSets',
  prefix: 'vmss',
  sku: 'Standard_D4s_v5',
  properties: (_number, timeCreated) => ({
    ...done,
    timeCreated,
    virtualMachineProfile: { osProfile: { customData: PLANTED }, userData: PLANTED },
  }),
};

/** By Mooring's kinds; the types of a kind take turns. */
export const typesByKind = {
  instance: [machine, machine, machine, scaleSet],
  volume: [
    {
      type: 'Microsoft.Compute/disks',
      prefix: 'disk',
      sku: 'Premium_LRS',
      isZonal: true,
      properties: (number, timeCreated) => ({
        ...done,
        timeCreated,
        diskSizeGB: 32 * (1 + (number % 4)),
        diskState: 'Attached',
      }),
    },
  ],
  kubernetes: [
    {
      type: 'Microsoft.ContainerService/managedClusters',
      prefix: 'aks',
      sku: 'Base',
      properties: (number) => ({
        ...done,
        powerState: { code: 'Running' },
        kubernetesVersion: '1.33.2',
        fqdn: `aks-${number}.hcp.westeurope.azmk8s.example`,
        servicePrincipalProfile: { clientId: 'msi', secret: PLANTED },
      }),
    },
  ],
  database: [
    {
      type: 'Microsoft.Sql/servers/databases',
      prefix: 'db',
      parent: 'sql-1',
      sku: 'GP_S_Gen5',
      properties: (_number, creationDate) => ({
        status: 'Online',
        creationDate,
        connectionString: `Password=${PLANTED}`,
      }),
    },
    {
      type: 'Microsoft.DBforPostgreSQL/flexibleServers',
      prefix: 'pg',
      sku: 'Standard_D2ds_v5',
      isZonal: true,
      properties: (number) => ({
        state: 'Ready',
        version: '17',
        fullyQualifiedDomainName: `pg-${number}.postgres.example`,
        administratorLoginPassword: PLANTED,
      }),
    },
    {
      type: 'Microsoft.DocumentDB/databaseAccounts',
      prefix: 'cosmos',
      kind: 'GlobalDocumentDB',
      properties: (number) => ({
        ...done,
        documentEndpoint: `https://cosmos-${number}.documents.example:443/`,
        connectionStrings: [{ connectionString: `AccountKey=${PLANTED};` }],
      }),
    },
  ],
  object_storage: [
    {
      type: 'Microsoft.Storage/storageAccounts',
      prefix: 'store',
      kind: 'StorageV2',
      sku: 'Standard_ZRS',
      properties: (number, creationTime) => ({
        ...done,
        creationTime,
        primaryEndpoints: { blob: `https://store${number}.blob.example/` },
        keys: [{ value: PLANTED }],
      }),
    },
  ],
  load_balancer: [
    { type: 'Microsoft.Network/loadBalancers', prefix: 'lb', sku: 'Standard', properties: () => ({ ...done }) },
    {
      type: 'Microsoft.Network/applicationGateways',
      prefix: 'gw',
      properties: () => ({ ...done, sslCertificates: [{ password: PLANTED }] }),
    },
  ],
  function: [site('func', 'functionapp,linux')],
  registry: [
    {
      type: 'Microsoft.ContainerRegistry/registries',
      prefix: 'acr',
      sku: 'Premium',
      properties: (number, creationDate) => ({
        ...done,
        creationDate,
        loginServer: `acr${number}.azurecr.example`,
        status: { displayStatus: 'Ready', message: PLANTED },
      }),
    },
  ],
  private_network: [
    {
      type: 'Microsoft.Network/virtualNetworks',
      prefix: 'vnet',
      properties: () => ({ ...done, addressSpace: { addressPrefixes: ['10.0.0.0/16'] } }),
    },
  ],
  container_service: [
    {
      type: 'Microsoft.App/containerApps',
      prefix: 'app',
      properties: (number) => ({
        ...done,
        configuration: {
          ingress: { fqdn: `app-${number}.apps.example` },
          secrets: [{ name: 'password', value: PLANTED }],
        },
        template: { containers: [{ name: 'main', env: secretEnvironment }] },
      }),
    },
    site('web', 'app,linux'),
  ],
} as const satisfies Readonly<Record<string, readonly TypeDefinition[]>>;

export type AzureKind = keyof typeof typesByKind;
export const azureKinds = Object.keys(typesByKind) as AzureKind[];

function site(prefix: string, kind: string): TypeDefinition {
  return {
    type: 'Microsoft.Web/sites',
    prefix,
    kind,
    properties: (number) => ({
      state: 'Running',
      defaultHostName: `${prefix}-${number}.websites.example`,
      siteConfig: { appSettings: secretEnvironment, connectionStrings: [{ connectionString: `Password=${PLANTED}` }] },
    }),
  };
}

/** Above databases; found in the list of everything, and of no kind that Mooring lists. */
export const sqlServer: TypeDefinition = {
  type: 'Microsoft.Sql/servers',
  prefix: 'sql',
  properties: () => ({ state: 'Ready', administratorLoginPassword: PLANTED }),
};
