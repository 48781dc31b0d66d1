import type { OvhKindId } from './kinds.ts';

const controlPanels: Readonly<Record<string, string>> = {
  'ovh-eu': 'https://www.ovh.com/manager',
  'ovh-ca': 'https://ca.ovh.com/manager',
  'ovh-us': 'https://us.ovhcloud.com/manager',
};

/**
 * The page of a resource in OVHcloud's control panel. OVHcloud documents none of these addresses: only those that its own
 * documents and users link to are here. Null for all others.
 */
export function consolePage(endpoint: string, kind: OvhKindId, id: string, project: string | null): string | null {
  const panel = controlPanels[endpoint];
  if (panel === undefined) return null;
  const projects = `${panel}/#/public-cloud/pci/projects`;
  if (kind === 'project') return `${projects}/${encodeURIComponent(id)}`;
  if (kind === 'kubernetes' && project !== null) {
    return `${projects}/${encodeURIComponent(project)}/kubernetes/${encodeURIComponent(id)}/service`;
  }
  return null;
}
