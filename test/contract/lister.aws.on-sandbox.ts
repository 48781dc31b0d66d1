import type { AwsDependencies } from '../../providers/aws/index.ts';
import { manifest } from '../../providers/aws/manifest.ts';
import { withPlainAnswers } from '../../providers/plain-answers.ts';
import { resolveSettings } from '../../providers/manifests/settings.ts';
import type { KindListing, ListContext, Listing, ResourceLister } from '../../providers/listing/lister.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { createSandboxClient, type SandboxClient } from '../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../sandbox/sandbox.ts';
import { kindNames, type KindName } from '../../sandbox/clouds/aws/resources/kinds.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { awsProvider, trusting } from './provider.aws.harness.ts';

export const account = '222233334441';
const externalId = 'ext-lists';

/** What the sandbox calls each kind of ours. */
export const sandboxKinds: Readonly<Record<string, KindName>> = {
  instance: 'instances',
  volume: 'volumes',
  private_network: 'vpcs',
  kubernetes: 'eksClusters',
  database: 'dbInstances',
  object_storage: 'buckets',
  load_balancer: 'loadBalancers',
  function: 'functions',
  registry: 'repositories',
  container_service: 'ecsClusters',
};
export const placeOf = (kind: string, region = 'us-east-1') => ({
  account,
  region: kind === 'object_storage' ? 'global' : region,
});

export interface AwsLists {
  readonly cloud: SandboxClient;
  readonly lister: ResourceLister;
  readonly roleArn: string;
  readonly clock: ManualClock;
  readonly context: (signal?: AbortSignal, record?: JsonObject) => ListContext;
  /** What one list says of one kind. */
  kind(kind: string, region?: string, record?: JsonObject): Promise<KindListing>;
  list(id: string, kinds: readonly string[], region: string | null, record?: JsonObject): Promise<Listing>;
  readonly secondsWaited: () => number;
  /** What the lister has sent that is secret. */
  readonly sent: () => readonly string[];
  /** From now on, errors of AWS repeat the headers of the request. */
  echo(): void;
  calls(): Promise<number>;
  close(): Promise<void>;
}

/** An account of the simulated AWS with a role that Mooring may assume, and the lister; its regions are empty. */
export async function startAwsLists(options: Partial<AwsDependencies> = {}): Promise<AwsLists> {
  const sandbox = createSandbox();
  const environment = sandboxEnvironment(await sandbox.listen());
  const cloud = createSandboxClient(sandbox.url);
  const trustPolicy = trusting('111122223331', { StringEquals: { 'sts:ExternalId': externalId } });
  const roleArn = await cloud.putAwsRole({ name: 'lists', trustPolicy });
  await cloud.aws.resize({ account, region: 'global' }, { buckets: 0 });
  const empty = Object.fromEntries(kindNames.filter((kind) => kind !== 'buckets').map((kind) => [kind, 0]));
  for (const region of ['us-east-1', 'eu-west-1']) await cloud.aws.resize({ account, region }, empty);

  const clock = createManualClock(Date.now());
  const sent = new Set<string>();
  let [isEcho, waitedMs] = [false, 0];
  const watched: typeof fetch = async (input, init) => {
    const headers = init?.headers as Record<string, string> | undefined;
    for (const name of ['x-amz-security-token', 'authorization']) if (headers?.[name]) sent.add(headers[name]);
    const response = await fetch(input, init);
    if (!isEcho || response.ok) return response;
    const { status, headers: answered } = response;
    // As a broken proxy does: whatever the protocol, the text is in the message. Long texts are cut: the token comes first.
    const repeated = JSON.stringify({ token: headers?.['x-amz-security-token'], ...headers }).replaceAll('"', "'");
    const text = (await response.text()).replace(/("message":"|<Message>)/, `$1${repeated} `);
    return new Response(text, { status, headers: answered });
  };
  const provider = withPlainAnswers(
    awsProvider(environment, {
      clock,
      fetch: watched,
      wait: (milliseconds) => {
        waitedMs += milliseconds;
        return Promise.resolve();
      },
      ...options,
    }),
  );
  const lister = provider.discovery?.lister;
  const region = resolveSettings(manifest, environment).regions.get('aws');
  if (!lister || !region) throw new Error('AWS lists nothing.');
  const context = (signal = new AbortController().signal, record: JsonObject = {}): ListContext => ({
    connectionId: 'con_lists',
    region,
    record: new Secret<JsonObject>({ role_arn: roleArn, external_id: externalId, session_token: 'stored', ...record }),
    signal,
  });
  const list = async (id: string, kinds: readonly string[], projectId: string | null, record?: JsonObject) =>
    await lister.list(context(undefined, record), { list: id, kinds, projectId });

  return {
    cloud,
    lister,
    roleArn,
    clock,
    context,
    list,
    async kind(kind, inRegion = 'us-east-1', record) {
      const definition = lister.lists.find(({ kinds }) => kinds.includes(kind));
      const { kinds } = await list(definition?.id ?? '', [kind], kind === 'object_storage' ? null : inRegion, record);
      const [listing] = kinds;
      if (!listing || kinds.length !== 1) throw new Error(`The list answered ${kinds.length} kinds.`);
      return listing;
    },
    secondsWaited: () => waitedMs / 1000,
    sent: () => [...sent],
    echo: () => void (isEcho = true),
    async calls() {
      const { requests } = await cloud.counters('aws');
      return Object.entries(requests).reduce((sum, [name, count]) => sum + (name.startsWith('sts.') ? 0 : count), 0);
    },
    close: async () => await sandbox.close(),
  };
}
