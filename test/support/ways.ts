import type { Connection } from '../../api/connections/schema.ts';
import type { Guide } from '../../api/connections/guide.ts';
import type { CloudId } from '../../sandbox/clouds/index.ts';
import { ovhRegions } from '../../sandbox/clouds/ovh/regions.ts';
import { eventually } from './eventually.ts';
import type { Customer } from './customer.ts';
import type { Invited } from './platform.ts';

export interface Submission {
  readonly variant?: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** A way into a cloud, and what its customer does on the sandbox. */
export interface WayIn {
  readonly name: string;
  readonly cloud: CloudId;
  readonly region: string;
  readonly method: string;
  /** Ways that lead to the cloud's sign-in page: who signs in there. */
  readonly account?: string;
  /** Ways that take values: gets them at the cloud, as the guide says. */
  readonly submit?: (customer: Customer, guide: Guide) => Promise<Submission>;
  /** What is left to do at the cloud once the values are in. */
  readonly finish?: (customer: Customer, connection: Connection) => Promise<void>;
  /** What the sandbox calls the request that renews the credential. */
  readonly renewal: string;
  /** Renewing spends a token that can't be spent again. */
  readonly spends: boolean;
}

const policyOf = ({ blocks }: Guide): object =>
  JSON.parse(blocks.find(({ format }) => format === 'json')?.text ?? '{}') as object;

const ovhKeys = async ({ cloud }: Customer) => {
  const { applicationKey, applicationSecret, consumerKey } = await cloud.ovh.createKeys();
  return { application_key: applicationKey, application_secret: applicationSecret, consumer_key: consumerKey };
};
const ovh = { cloud: 'ovh', region: 'ovh-eu', spends: false } as const;

/** Every cloud by every method and every set of values. */
export const waysIn: readonly WayIn[] = [
  {
    ...ovh,
    name: 'OVHcloud, sign-in',
    method: 'authorization_code',
    account: 'la12345-ovh',
    renewal: 'token.refresh',
    spends: true,
  },
  {
    ...ovh,
    name: 'OVHcloud, a service account that is there',
    method: 'client_credentials',
    submit() {
      const { clientId = '', clientSecret = '' } = ovhRegions[0]?.applications[1] ?? {};
      return Promise.resolve({ variant: 'existing', fields: { client_id: clientId, client_secret: clientSecret } });
    },
    renewal: 'token.client_credentials',
  },
  {
    ...ovh,
    name: 'OVHcloud, a service account that is made',
    method: 'client_credentials',
    async submit(customer) {
      const projects = (await customer.cloud.ovh.projects()).map(({ id }) => id).join('\n');
      return {
        variant: 'create',
        fields: { ...(await ovhKeys(customer)), project_ids: projects, access: 'read' },
      };
    },
    renewal: 'token.client_credentials',
  },
  {
    ...ovh,
    name: 'OVHcloud, API credentials',
    method: 'api_credentials',
    submit: async (customer) => ({ fields: await ovhKeys(customer) }),
    renewal: 'me',
  },
  {
    ...ovh,
    name: 'OVHcloud, API credentials whose consumer key is asked for',
    method: 'api_credentials',
    async submit(customer) {
      const { consumer_key: _, ...fields } = await ovhKeys(customer);
      return { fields };
    },
    async finish({ cloud, platform }, { id }) {
      const link = await eventually('the link to approve the consumer key', async () => {
        const { problem, verification } = await platform.get(id);
        return problem?.link ?? verification?.lastProblem?.link;
      });
      await cloud.ovh.decideConsumerKey(link);
    },
    renewal: 'me',
  },
  {
    name: 'AWS, role',
    cloud: 'aws',
    region: 'aws',
    method: 'role',
    async submit({ cloud }, guide) {
      const name = `reader-${Math.random().toString(36).slice(2)}`;
      return { fields: { role_arn: await cloud.putAwsRole({ name, trustPolicy: policyOf(guide) }) } };
    },
    renewal: 'sts.AssumeRole',
    spends: false,
  },
  {
    name: 'Azure, sign-in',
    cloud: 'azure',
    region: 'global',
    method: 'authorization_code',
    account: 'ada@lindqvist.example',
    renewal: 'token.refresh',
    spends: true,
  },
  {
    name: 'Azure, service principal',
    cloud: 'azure',
    region: 'global',
    method: 'client_secret',
    async submit({ cloud }) {
      const [ready] = await cloud.azure.servicePrincipals();
      const { tenantId = '', clientId = '', secret = null } = ready ?? {};
      return { fields: { tenant_id: tenantId, client_id: clientId, client_secret: secret?.value ?? '' } };
    },
    renewal: 'token.client_credentials',
    spends: false,
  },
  {
    name: 'Google Cloud, sign-in',
    cloud: 'gcp',
    region: 'global',
    method: 'authorization_code',
    account: 'ada@lindqvist.example',
    renewal: 'token.refresh',
    spends: false,
  },
  {
    name: 'Google Cloud, read-only sign-in',
    cloud: 'gcp',
    region: 'global',
    method: 'authorization_code_readonly',
    account: 'ada@lindqvist.example',
    renewal: 'token.refresh',
    spends: false,
  },
  {
    name: 'Google Cloud, service account key',
    cloud: 'gcp',
    region: 'global',
    method: 'service_account',
    submit: async ({ cloud }) => ({ fields: { service_account_key: JSON.stringify(await cloud.gcp.createKey()) } }),
    renewal: 'token.jwt_bearer',
    spends: false,
  },
];

/** From a link to `active`: signs in, or gets what is asked for and submits it. */
export async function comeIn(customer: Customer, way: WayIn, { connection, invitation }: Invited): Promise<Connection> {
  const { platform } = customer;
  const { account, submit } = way;
  const { id } = connection;
  if (account !== undefined) await (await customer.signIn(invitation.url, { account })).arrive();
  if (submit) {
    const guide = await platform.call<Guide>('GET', `/v1/connections/${id}/guide`);
    await platform.call('POST', `/v1/connections/${id}/submission`, await submit(customer, guide));
    await way.finish?.(customer, connection);
  }
  return await platform.until(id, 'active', 30_000);
}

/** From nothing to `active`, as a platform and its customer go about it; `more` goes into the create call. */
export async function connectBy(customer: Customer, way: WayIn, more: object = {}): Promise<Connection> {
  const { cloud: provider, region, method } = way;
  return await comeIn(customer, way, await customer.platform.invite({ provider, region, method, ...more }));
}
