import type { CloudContext, Operation as Served, Reply, SandboxRequest } from '../../../core/cloud.ts';
import type { AwsPartition, ResourceService } from '../accounts.ts';
import type { Callers } from '../callers.ts';
import type { AwsSettings } from '../settings.ts';
import { deniedError, resourceError, unknownSessionError } from './errors.ts';
import type { Resources } from './inventory.ts';
import { jsonOperation } from './json.ts';
import { queryOperation } from './query.ts';
import { restOperation } from './rest.ts';
import type { Rights } from './rights.ts';

const PATH = /^\/(ec2|eks|rds|s3|elasticloadbalancing|lambda|ecr|ecs|tagging|account)\/([a-z0-9-]+)(\/.*)?$/;

/** The services that have resources, each below `/aws/{partition}/{service}/{region}/`. */
export function createResourceServices(
  { settings, counters }: Pick<CloudContext<AwsSettings>, 'settings' | 'counters'>,
  { callers, resources, rights }: { callers: Callers; resources: Resources; rights: Rights },
) {
  return (
    partition: AwsPartition,
    path: string,
    request: SandboxRequest,
  ): Pick<Served, 'endpoint' | 'handle'> | undefined => {
    const [, service, region = '', rest = '/'] = PATH.exec(path) ?? [];
    if (!isService(service)) return undefined;
    const { name, operation } = operationOf(service, rest, request);
    return {
      endpoint: `${service}.${operation ? name : 'unknown'}`,
      handle(): Reply {
        counters.add('resourceCalls');
        if (!operation) return resourceError(service, 400, 'InvalidAction', `The operation ${name} is not simulated.`);
        if (settings().closedRegions[region] === 'disabled') return unknownSessionError(service);
        const caller = callers.identify(partition, request);
        if ('code' in caller) return resourceError(service, 403, nameOf(service, caller.code), caller.message);
        const why = rights.refusal({ ...caller, region }, operation.right);
        if (why !== undefined) return deniedError(service, caller.arn, operation.right, why);
        return operation.answer({ partition, caller, region, resources, settings: settings() });
      },
    };
  };
}

const isService = (service: string | undefined): service is ResourceService => service !== undefined;

function operationOf(service: ResourceService, path: string, request: SandboxRequest) {
  switch (service) {
    case 'ec2':
    case 'rds':
    case 'elasticloadbalancing':
      return queryOperation(service, request);
    case 'ecs':
    case 'ecr':
    case 'tagging':
      return jsonOperation(service, request);
    case 'lambda':
    case 'eks':
    case 's3':
    case 'account':
      return restOperation(service, path, request);
  }
}

/** EC2 calls a session that has ended by a name of its own. */
const nameOf = (service: ResourceService, code: string): string =>
  code !== 'ExpiredToken'
    ? code
    : service === 'ec2'
      ? 'RequestExpired'
      : isJson(service)
        ? 'ExpiredTokenException'
        : code;

const isJson = (service: ResourceService): boolean =>
  ['ecs', 'ecr', 'tagging', 'lambda', 'eks', 'account'].includes(service);
