import type { Clock } from '../../../platform/clock.ts';
import type { Tables } from '../../core/tables.ts';
import { parseTrustPolicy, type TrustPolicy } from './trust-policy.ts';

export interface Role {
  readonly arn: string;
  readonly accountId: string;
  readonly name: string;
  /** As it was given. */
  readonly trustPolicy: string;
  /** What STS goes by until the change has reached it; null = nothing. */
  readonly before: string | null;
  /** Unix milliseconds. */
  readonly effectiveAt: number;
  readonly maxSessionSeconds: number;
}

/** The roles of every account. IAM knows a change at once, STS only when it has spread. */
export interface Roles {
  put(role: Pick<Role, 'arn' | 'trustPolicy'> & { readonly maxSessionSeconds?: number }): Role;
  get(arn: string): Role | undefined;
  delete(arn: string): boolean;
  list(): Role[];
  /** The trust policy that STS goes by now. */
  effectivePolicy(arn: string): TrustPolicy | undefined;
}

export function createRoles(context: {
  tables: Tables;
  clock: Clock;
  settings: () => { propagationSeconds: number };
}): Roles {
  const { clock } = context;
  const rows = context.tables.table<Role>('aws.roles');
  const effective = ({ trustPolicy, before, effectiveAt }: Role) => (clock.now() >= effectiveAt ? trustPolicy : before);
  return {
    put({ arn, trustPolicy, maxSessionSeconds }) {
      const known = rows.get(arn);
      const [, , , , accountId = '', path = ''] = arn.split(':');
      const role: Role = {
        arn,
        accountId,
        name: path.slice(path.lastIndexOf('/') + 1),
        trustPolicy,
        before: known ? effective(known) : null,
        effectiveAt: clock.now() + context.settings().propagationSeconds * 1000,
        maxSessionSeconds: maxSessionSeconds ?? known?.maxSessionSeconds ?? 3600,
      };
      rows.put(arn, role);
      return role;
    },
    get: (arn) => rows.get(arn),
    delete(arn) {
      const known = rows.get(arn) !== undefined;
      rows.delete(arn);
      return known;
    },
    list: () => [...rows.values()],
    effectivePolicy(arn) {
      const role = rows.get(arn);
      const text = role ? effective(role) : null;
      return text === null ? undefined : parseTrustPolicy(text);
    },
  };
}
