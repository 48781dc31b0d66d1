import { manifests } from '../../providers/manifests/all.ts';
import type { DevInfo } from './state-directory.ts';

/** The text that is printed when everything is up. */
export function banner(info: DevInfo, standIns: readonly string[], publicUrl: string | undefined): string {
  const rows = [
    ['API', info.api],
    ...(publicUrl !== undefined && publicUrl !== info.api ? [['Public address', publicUrl]] : []),
    ...(info.ui === null ? [] : [['Temporal UI', info.ui]]),
    ['Temporal', info.temporal],
    ...(info.sandbox === null ? [] : [['Sandbox clouds', info.sandbox]]),
    ...(info.apiKey === null ? [] : [['API key', info.apiKey]]),
    ...(info.operatorKey === null ? [] : [['Operator’s key', info.operatorKey]]),
  ] as const;
  return [
    '',
    'Mooring is up.',
    '',
    ...rows.map(([name = '', value = '']) => `  ${name.padEnd(15)} ${value}`),
    ...(standIns.length === 0 ? [] : ['', 'Stand-ins, for development only:', ...standIns.map((text) => `  ${text}`)]),
    ...(info.apiKey === null
      ? []
      : [
          '',
          'A first connection; open the link in its answer:',
          '',
          firstCall(info.api, info.apiKey),
          '',
          'The account that comes in is used at once. Tenants in production confirm it first: docs/invitations.md.',
        ]),
    '',
    'Ctrl-C stops everything; the next start resumes the same connections.',
    '',
  ].join('\n');
}

/** A cloud that a person signs in to, and that has resources to look at afterwards. */
const example = manifests.find(({ methods }) =>
  methods.some(({ flow, discovers }) => flow === 'redirect' && discovers),
);

const firstCall = (api: string, apiKey: string): string => `  curl -s ${api}/v1/connections \\
    -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' \\
    -d '${JSON.stringify({ provider: example?.id, region: example?.regions[0]?.id })}'`;
