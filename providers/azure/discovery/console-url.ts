import { clouds } from '../manifest/regions.ts';
import type { Arm } from './arm.ts';

/** The page of a resource or a subscription in the portal of its cloud, in the directory that it was listed in. */
export function consoleUrl({ context, tenant }: Pick<Arm, 'context' | 'tenant'>, id: string): string | null {
  const portal = clouds.find((cloud) => cloud.id === context.region.manifest.id)?.portal;
  if (portal === undefined) return null;
  return `${portal}/#${tenant === null ? '' : `@${encodeURIComponent(tenant)}`}/resource${encodeURI(id)}`;
}
