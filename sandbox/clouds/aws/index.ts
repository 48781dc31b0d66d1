import { randomBytes, randomUUID } from 'node:crypto';

import type { Cloud, CloudContext, CloudDefinition, Reply, SandboxRequest } from '../../core/cloud.ts';
import { awsEnvironment, awsPartitions, type AwsPartition } from './accounts.ts';
import { createCallers } from './callers.ts';
import { consoleRoutes } from './console.ts';
import { controlRoutes } from './control.ts';
import { createIam } from './iam.ts';
import { failure, type Service } from './replies.ts';
import { resourceControl } from './resources/control.ts';
import { createResourceServices } from './resources/index.ts';
import { createResources } from './resources/inventory.ts';
import { createRights } from './resources/rights.ts';
import { createRoles } from './roles.ts';
import { awsDefaults, AwsSettingsSchema, type AwsSettings } from './settings.ts';
import { createSts, type Handler } from './sts.ts';

/** AWS's STS and IAM, and the services that have resources, in three partitions: `/aws/aws/`, `/aws/aws-cn/`, `/aws/aws-us-gov/`. */
export const awsCloud: CloudDefinition<'aws', AwsSettings> = {
  id: 'aws',
  settingsSchema: AwsSettingsSchema,
  defaults: awsDefaults,
  create: createAwsCloud,
  environment: awsEnvironment,
};

function createAwsCloud(context: CloudContext<AwsSettings>): Cloud {
  const roles = createRoles(context);
  const callers = createCallers(context);
  const sts: Readonly<Record<string, Handler>> = createSts(context, { roles, callers });
  const iam = createIam(roles);
  const page = consoleRoutes(roles);
  const resources = createResources(context.tables);
  const rights = createRights(context.tables, context.settings);
  const services = createResourceServices(context, { callers, resources, rights });

  function call(partition: AwsPartition, request: SandboxRequest): { endpoint: string; handle: () => Reply } {
    const form = new URLSearchParams(request.body);
    const action = form.get('Action') ?? '';
    const service: Service = action in sts ? 'sts' : 'iam';
    const handler = sts[action] ?? iam[action];
    return {
      endpoint: `${service}.${handler ? action : 'unknown'}`,
      handle() {
        if (!handler) return failure(service, 400, 'InvalidAction', `Could not find operation ${action}`);
        const caller = callers.identify(partition, request);
        if ('code' in caller) return failure(service, 403, caller.code, caller.message);
        return handler({ partition, caller, form });
      },
    };
  }

  return {
    id: 'aws',
    issued: () => ({
      secretAccessKey: [
        ...awsPartitions.flatMap(({ operator }) => operator.secretAccessKey),
        ...callers.sessions().map(({ secretAccessKey }) => secretAccessKey),
      ],
      sessionToken: callers.sessions().map(({ sessionToken }) => sessionToken),
    }),
    match(request) {
      const [, id, path] = /^\/aws\/([a-z-]+)(\/.*)?$/.exec(request.path) ?? [];
      const partition = awsPartitions.find((known) => known.id === id);
      if (!partition) return undefined;
      const isCall = request.method === 'POST' && (path ?? '/') === '/';
      const operation = isCall
        ? call(partition, request)
        : (services(partition, path ?? '/', request) ?? page(partition, path ?? '/', request));
      return operation && { cloud: 'aws', region: partition.id, headers: requestId(operation.endpoint), ...operation };
    },
    control: [
      ...controlRoutes(context.tables, roles),
      ...resourceControl(context.tables, { resources, rights, callers }),
    ],
  };
}

/** What support asks for; on errors too, scripted ones included. S3 has a form of its own. */
const requestId = (endpoint: string): Readonly<Record<string, string>> =>
  endpoint.startsWith('s3.')
    ? { 'x-amz-request-id': randomBytes(8).toString('hex').toUpperCase() }
    : { 'x-amzn-requestid': randomUUID() };
