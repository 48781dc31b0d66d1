import type { RunContext } from './command.ts';
import { escaped } from './fetching.ts';
import { configurationFiles, readFirst } from './ini.ts';

/** Below the endpoint. By flag, else environment, else the default of the configuration file. */
export function projectPath(context: RunContext): string {
  const project =
    context.flags.get('cloud-project')?.[0] ||
    process.env['OVH_CLOUD_PROJECT_SERVICE'] ||
    readFirst(configurationFiles()).ini.get('ovh-cli')?.get('default_cloud_project');
  if (project) return `/cloud/project/${escaped(project)}`;
  throw new Error(
    'no project ID configured, please use --cloud-project <id> or set a default cloud project in your configuration. Alternatively, you can set the OVH_CLOUD_PROJECT_SERVICE environment variable',
  );
}
