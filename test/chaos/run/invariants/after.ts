import type { OvhGrant } from '../../../../sandbox/clouds/ovh/control-client.ts';
import { eventually } from '../../../support/eventually.ts';
import type { Operator } from '../actions/temporal-operator.ts';
import type { Entry } from '../client/ledger.ts';
import { observeCredential, type SeenConnection } from '../client/observe.ts';
import type { Client } from '../client/traffic.ts';
import type { ChaosStack } from '../stack/stack.ts';
import type { Findings } from './findings.ts';
import { readRemains, type Remains } from './remains.ts';

export interface AfterTheQuiet {
  readonly stack: ChaosStack;
  readonly client: Client;
  readonly operator: Operator;
  readonly findings: Findings;
  /** Connections that did not come to rest, and what each waits for. */
  readonly restless: ReadonlyMap<Entry, string>;
}

/** A second try of a workflow task happens in health too; a third one does not. */
const TASK_ATTEMPTS = 3;
const LISTED_WITHIN_MS = 15_000;

/** What must hold once everything has been healthy for a while. */
export async function checkAfterwards(after: AfterTheQuiet): Promise<void> {
  const { client, findings, restless } = after;
  for (const [entry, waitsFor] of restless) {
    findings.check(entry.disconnect ? 'gone' : 'well', entry.id ?? entry.key, `it waits for ${waitsFor}`);
  }
  const remains = await readRemains(after.stack.vault.prepared);
  const grants = await after.stack.cloud.control.ovh.grants();
  for (const entry of client.ledger.entries()) {
    if (entry.id === null || restless.has(entry)) continue;
    const connection = await client.verbs.get(entry);
    if (!connection) findings.check('kept', entry.id, 'GET does not answer though everything is healthy');
    else if (entry.disconnect) await checkGone(after, entry, connection, remains);
    else await checkWell(after, entry, connection, grants);
  }
  for (const [id, attempt] of await after.operator.taskAttempts()) {
    findings.check('seen', id, attempt < TASK_ATTEMPTS ? undefined : `its workflow task is at attempt ${attempt}`);
  }
  await checkListed(after);
}

async function checkWell(
  { client, findings, stack }: AfterTheQuiet,
  entry: Entry,
  { id, status, tags, health }: SeenConnection,
  grants: readonly OvhGrant[],
): Promise<void> {
  findings.check('well', id, status === 'active' ? undefined : `it is ${status} again`);
  const possible = entry.tags.map(({ value }) => value);
  const lost = `its tags are ${tags.join(', ')}, and were last set to ${possible.join(' or ')}`;
  findings.check('written', id, possible.includes(tags.join()) ? undefined : lost);
  const state = health?.state ?? 'ok';
  findings.check('seen', id, state === 'ok' ? undefined : `its health is ${state}`);
  for (const code of entry.refusals) {
    const explained = code === 'exchange_response_lost' || isTakenBack(entry, grants);
    findings.check('well', id, explained ? undefined : `it needed a person for ${code}, which nothing explains`);
  }
  await checkCredential({ client, findings, stack }, entry);
}

/** A cloud with strict rotation took a grant back, because a lost answer was asked for once more. */
const isTakenBack = ({ codes }: Entry, grants: readonly OvhGrant[]): boolean =>
  grants.some(({ code, spentAgainAtMs }) => code !== null && codes.has(code) && spentAgainAtMs.length > 0);

/** It is fresh, and the cloud takes it. */
async function checkCredential(
  { client, findings, stack }: Pick<AfterTheQuiet, 'client' | 'findings' | 'stack'>,
  entry: Entry,
): Promise<void> {
  const answer = await client.verbs.credentials(entry, 0);
  const served = observeCredential(findings, entry, answer);
  findings.check('well', entry.id, served ? undefined : `GET credentials answers ${answer.status}`);
  if (served) {
    const { expiresAt } = served;
    const isPast = expiresAt !== null && Date.parse(expiresAt) <= answer.sentAtMs;
    findings.check('well', entry.id, isPast ? `its credential expired at ${expiresAt}` : undefined);
  }
  const token = served?.credential['access_token'];
  if (entry.way.cloud !== 'ovh' || token === undefined) return;
  const response = await fetch(`${stack.cloud.url}/${entry.way.region}/1.0/auth/details`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await response.arrayBuffer();
  const refused = `the cloud answers ${response.status} to the credential that is served`;
  findings.check('well', entry.id, response.ok ? undefined : refused);
}

async function checkGone(
  { client, findings }: AfterTheQuiet,
  entry: Entry,
  { id, status, tombstone }: SeenConnection,
  remains: Remains,
): Promise<void> {
  findings.check('gone', id, status === 'disconnected' ? undefined : `it is ${status}`);
  findings.check('gone', id, tombstone == null ? 'GET shows no tombstone' : undefined);
  findings.check('gone', id, remains.tombstones.has(id) ? undefined : 'Vault has no tombstone of it');
  findings.check('gone', id, remains.secrets.has(id) ? 'Vault still has a secret of it' : undefined);
  const { status: served } = await client.verbs.credentials(entry);
  findings.check('gone', id, served === 200 ? 'its credentials are still served' : undefined);
}

/** Visibility shows a change within about a second: a list that differs is asked for again. */
async function checkListed({ client, findings }: AfterTheQuiet): Promise<void> {
  const expected = client.ledger.entries().flatMap(({ id }) => (id === null ? [] : [id]));
  const differences = (ids: readonly string[]): Map<string, string> => {
    const times = new Map<string, number>();
    for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1);
    const wrong = expected.filter((id) => times.get(id) !== 1).map((id) => [id, `listed ${times.get(id) ?? 0} times`]);
    const strange = [...times.keys()].filter((id) => !expected.includes(id)).map((id) => [id, 'nobody asked for it']);
    return new Map([...wrong, ...strange] as [string, string][]);
  };
  let last = new Map<string, string>();
  await eventually(
    'the list to be right',
    async () => {
      last = differences(await listAll(client));
      return last.size === 0;
    },
    LISTED_WITHIN_MS,
  ).catch(() => {});
  for (const id of expected) findings.check('listed', id, last.get(id));
  for (const [id, text] of last) if (!expected.includes(id)) findings.check('listed', id, text);
}

async function listAll({ api }: Client): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body } = await api.call('list', 'GET', `/v1/connections?limit=200${query}`);
    if (status !== 200) throw new Error(`The list answers ${status}.`);
    const page = body as { items: readonly { id: string }[]; nextCursor: string | null };
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return ids;
}
