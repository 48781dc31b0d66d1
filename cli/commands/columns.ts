import type { components, Connection } from '../client/index.ts';
import type { Column } from '../output/printer.ts';

export const connectionColumns: readonly Column<Connection>[] = [
  { name: 'id', value: ({ id }) => id },
  { name: 'provider', value: ({ provider }) => provider },
  { name: 'region', value: ({ region }) => region },
  { name: 'status', value: ({ status }) => status },
  { name: 'since', value: ({ statusSince }) => statusSince },
  { name: 'account', value: ({ account }) => account?.displayName ?? account?.id },
  { name: 'name', value: ({ name }) => name },
  { name: 'problem', value: ({ problem }) => problem?.code },
];

export const connectionDetails: readonly Column<Connection>[] = [
  { name: 'id', value: ({ id }) => id },
  { name: 'name', value: ({ name }) => name },
  { name: 'tags', value: ({ tags }) => tags.join(', ') },
  { name: 'provider', value: ({ provider, region, method }) => `${provider} ${region} (${method})` },
  { name: 'account', value: ({ account }) => account && [account.id, account.displayName].filter(Boolean).join(' ') },
  { name: 'status', value: ({ status, statusSince }) => `${status} since ${statusSince}` },
  { name: 'health', value: ({ health }) => health?.state },
  { name: 'problem', value: ({ problem }) => problem && `${problem.code}: ${problem.message}` },
  { name: 'remedy', value: ({ problem }) => problem?.remedy },
  { name: 'link', value: ({ problem }) => problem?.link },
  {
    name: 'waiting for',
    value: ({ verification }) =>
      verification &&
      `${verification.step}, ${verification.attempts} tries${verification.lastProblem ? `: ${verification.lastProblem.message}` : ''}`,
  },
  { name: 'next try', value: ({ verification }) => verification?.nextTryAt },
  {
    name: 'credential',
    value: ({ credential }) =>
      credential && `issued ${credential.issuedAt}, until ${credential.expiresAt ?? 'revoked'}`,
  },
  { name: 'next refresh', value: ({ credential }) => credential?.nextRefreshAt },
  { name: 'invitation', value: ({ invitation }) => invitation && `open until ${invitation.expiresAt}` },
  { name: 'resources', value: ({ discovery }) => discovery?.last?.resources },
  { name: 'warnings', value: ({ warnings }) => warnings.map(({ message }) => message).join(' ') },
  { name: 'created', value: ({ createdAt }) => createdAt },
];

type Invited = components['schemas']['Invited'];

export const invitedDetails: readonly Column<Invited>[] = [
  { name: 'id', value: ({ connection }) => connection.id },
  { name: 'status', value: ({ connection }) => connection.status },
  { name: 'link', value: ({ invitation }) => invitation.url },
  { name: 'valid until', value: ({ invitation }) => invitation.expiresAt },
  { name: 'passcode', value: ({ invitation }) => invitation.passcode },
];
