import type { JsonObject } from '../../../platform/json.ts';
import type { Sizes } from './resources/inventory.ts';
import type { KindName } from './resources/kinds.ts';

export interface AwsPlace {
  readonly account: string;
  /** Buckets are in `global`. */
  readonly region: string;
}

/** What customers of the simulated AWS do in its console. */
export interface AwsControl {
  /** How many of some kinds there are in a region. */
  resize(place: AwsPlace, sizes: Sizes): Promise<void>;
  /** The ARNs of one kind. */
  arns(place: AwsPlace, kind: KindName): Promise<readonly string[]>;
  /** Lays fields over a resource, in the words of the list that has it. */
  change(place: AwsPlace, kind: KindName, arn: string, fields: JsonObject): Promise<void>;
  remove(place: AwsPlace, kind: KindName, arn: string): Promise<void>;
  /** What a role's policies leave out from now on, with `*`: `ec2:Describe*`. */
  denyActions(roleArn: string, actions: readonly string[]): Promise<void>;
  /** Sessions that were issued are expired from now on. */
  endSessions(): Promise<void>;
}

export function createAwsControl(call: <T>(method: string, path: string, body?: unknown) => Promise<T>): AwsControl {
  const at = ({ account, region }: AwsPlace, ...rest: readonly string[]) =>
    ['/aws/resources', account, region, ...rest.map(encodeURIComponent)].join('/');
  return {
    resize: (place, sizes) => call('PUT', at(place, 'sizes'), sizes),
    arns: (place, kind) => call('GET', at(place, kind)),
    change: (place, kind, arn, fields) => call('PUT', at(place, kind, arn), fields),
    remove: (place, kind, arn) => call('DELETE', at(place, kind, arn)),
    denyActions: (arn, actions) => call('PUT', '/aws/denied-actions', { arn, actions }),
    endSessions: () => call('POST', '/aws/sessions/end'),
  };
}
