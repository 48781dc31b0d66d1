import { secondsFrom } from '../../../oauth/settings.ts';
import type { OvhContext } from '../context.ts';
import { ovhAccounts } from '../accounts.ts';
import { ovhRegions } from '../regions.ts';

/** What may be called with a consumer key; `*` in a path stands for anything. */
export interface AccessRule {
  readonly method: string;
  readonly path: string;
}

export const consumerKeyStates = ['pendingValidation', 'validated', 'expired'] as const;
export type ConsumerKeyState = (typeof consumerKeyStates)[number];

export interface ConsumerKey {
  readonly consumerKey: string;
  readonly credentialId: number;
  readonly applicationKey: string;
  readonly region: string;
  /** Nichandle; null until a person has approved it. */
  readonly account: string | null;
  readonly rules: readonly AccessRule[];
  readonly state: ConsumerKeyState;
  /** In the validation URL. Approving is all that it allows. */
  readonly validationToken: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
}

export const everything: readonly AccessRule[] = ['GET', 'POST', 'PUT', 'DELETE'].map((method) => ({
  method,
  path: '/*',
}));

export interface ConsumerKeys {
  /** As it stands now: one whose time is over has expired. */
  find(consumerKey: string): ConsumerKey | undefined;
  awaiting(validationToken: string): ConsumerKey | undefined;
  request(of: Pick<ConsumerKey, 'applicationKey' | 'region' | 'rules'>): ConsumerKey;
  approve(key: ConsumerKey, account: string): ConsumerKey;
  expire(key: ConsumerKey): void;
  /** Refused, or deleted by its owner: it is not known any more. */
  forget(consumerKey: string): void;
  list(): ConsumerKey[];
}

export function createConsumerKeys(context: OvhContext): ConsumerKeys {
  const { tables, clock, random, settings } = context;
  const rows = tables.table<ConsumerKey | { readonly forgotten: true }>('ovh.consumerKeys');
  const isThere = (row: ReturnType<typeof rows.get>): row is ConsumerKey => row !== undefined && !('forgotten' in row);

  const ready = readyApplications.map(({ key, region, consumerKey, account }, index): ConsumerKey => ({
    consumerKey,
    credentialId: index + 1,
    applicationKey: key,
    region,
    account,
    rules: everything,
    state: 'validated',
    validationToken: '',
    createdAtMs: 0,
    expiresAtMs: null,
  }));

  const list = (): ConsumerKey[] => {
    const made = [...rows.values()].filter(isThere);
    const untouched = ready.filter(({ consumerKey }) => rows.get(consumerKey) === undefined);
    return [...untouched, ...made].map((key) =>
      key.expiresAtMs !== null && key.expiresAtMs <= clock.now() ? { ...key, state: 'expired' } : key,
    );
  };
  const put = (key: ConsumerKey): ConsumerKey => {
    rows.put(key.consumerKey, key);
    return key;
  };

  return {
    list,
    find: (consumerKey) => list().find((key) => key.consumerKey === consumerKey),
    awaiting: (validationToken) =>
      list().find((key) => key.state === 'pendingValidation' && key.validationToken === validationToken),
    request: (of) =>
      put({
        ...of,
        consumerKey: `ovh-ck-${random(24)}`,
        credentialId: [...rows.values()].length + ready.length + 1,
        account: null,
        state: 'pendingValidation',
        validationToken: `ovh-vt-${random(16)}`,
        createdAtMs: clock.now(),
        expiresAtMs: null,
      }),
    approve(key, account) {
      const lifetime = settings().consumerKeyLifetimeSeconds;
      const expiresAtMs = lifetime === null ? null : secondsFrom(context, lifetime);
      return put({ ...key, account, state: 'validated', expiresAtMs });
    },
    expire: (key) => void put({ ...key, state: 'expired' }),
    forget: (consumerKey) => rows.put(consumerKey, { forgotten: true }),
  };
}

/** An application key and its secret, which sign requests. Only its consumer keys have an owner. */
export interface Application {
  readonly key: string;
  readonly secret: string;
  readonly region: string;
}

export interface Applications {
  find(region: string, key: string): Application | undefined;
  create(region: string): Application;
  list(): Application[];
}

/** One for each region that is there from the start; its consumer key may do everything in Ada's name. */
const readyApplications = ovhRegions.map(({ id, short }) => ({
  key: `sandbox-${short}-7c8d9e0f`,
  secret: `sandbox-${short}-key-secret`,
  region: id,
  consumerKey: `sandbox-${short}-consumer-key`,
  account: ovhAccounts[0].nichandle,
}));

export function createApplications({ tables, random }: OvhContext): Applications {
  const rows = tables.table<Application>('ovh.applications');
  return {
    find: (region, key) =>
      [...readyApplications, ...rows.values()].find((one) => one.key === key && one.region === region),
    create(region) {
      const application = { key: `ovh-ak-${random(12)}`, secret: `ovh-as-${random(24)}`, region };
      rows.put(application.key, application);
      return application;
    },
    list: () => [...readyApplications, ...rows.values()],
  };
}
