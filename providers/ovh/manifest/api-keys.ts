import type { FormField, GuideContext } from '../../manifests/types.ts';

/** OVHcloud's keys are letters and digits; what else there may be is left to OVHcloud to refuse. */
const KEY = String.raw`[\w.\-]{8,128}`;

export const applicationKey: FormField = {
  name: 'application_key',
  label: 'Application key',
  hint: 'As the page shows it on which the keys were made.',
  secret: false,
  required: true,
  pattern: KEY,
};

export const applicationSecret: FormField = {
  name: 'application_secret',
  label: 'Application secret',
  hint: 'Shown beside the application key, once.',
  secret: true,
  required: true,
  pattern: KEY,
};

export const consumerKey: FormField = {
  name: 'consumer_key',
  label: 'Consumer key',
  hint: 'Shown beside the other two.',
  secret: true,
  required: true,
  pattern: KEY,
};

/** OVHcloud's page for making all three keys at once, with these rights filled in. */
export function keyPage(
  { values }: GuideContext,
  rights: readonly (readonly [method: string, path: string])[],
): string {
  const query = rights.map(([method, path]) => `${method}=${path}`).join('&');
  return `${values['createTokenUrl'] ?? ''}?${query}`;
}
