/** A type of Azure Resource Manager that is listed, as Microsoft writes its name. */
export interface AzureType {
  readonly name: string;
  readonly kind: string;
  /** Set where some resources of the type are of another kind: those whose `kind` holds this word. */
  readonly otherwise?: { readonly word: string; readonly kind: string };
  /** Old enough to be known in every cloud of Microsoft's. */
  readonly apiVersion: string;
}

const type = (name: string, kind: string, apiVersion: string): AzureType => ({ name, kind, apiVersion });

/** https://learn.microsoft.com/azure/governance/resource-graph/reference/supported-tables-resources */
export const azureTypes: readonly AzureType[] = [
  type('Microsoft.Compute/virtualMachines', 'instance', '2023-03-01'),
  type('Microsoft.Compute/virtualMachineScaleSets', 'instance', '2023-03-01'),
  type('Microsoft.Compute/disks', 'volume', '2023-04-02'),
  type('Microsoft.ContainerService/managedClusters', 'kubernetes', '2023-10-01'),
  type('Microsoft.Sql/servers/databases', 'database', '2021-11-01'),
  type('Microsoft.Sql/managedInstances', 'database', '2021-11-01'),
  type('Microsoft.DBforPostgreSQL/flexibleServers', 'database', '2022-12-01'),
  type('Microsoft.DBforMySQL/flexibleServers', 'database', '2021-05-01'),
  type('Microsoft.DocumentDB/databaseAccounts', 'database', '2023-04-15'),
  type('Microsoft.Storage/storageAccounts', 'object_storage', '2023-01-01'),
  type('Microsoft.Network/loadBalancers', 'load_balancer', '2023-09-01'),
  type('Microsoft.Network/applicationGateways', 'load_balancer', '2023-09-01'),
  {
    ...type('Microsoft.Web/sites', 'container_service', '2022-03-01'),
    otherwise: { word: 'functionapp', kind: 'function' },
  },
  type('Microsoft.App/containerApps', 'container_service', '2023-05-01'),
  type('Microsoft.ContainerRegistry/registries', 'registry', '2023-07-01'),
  type('Microsoft.Network/virtualNetworks', 'private_network', '2023-09-01'),
];

/** The right that reads resources of the type. */
export const readAction = ({ name }: AzureType): string => `${name}/read`;

/** Those that resources of the kind may have. */
export const typesOf = (kind: string): readonly AzureType[] =>
  azureTypes.filter((one) => one.kind === kind || one.otherwise?.kind === kind);
