import type { Account, RevocationOutcome } from '../contracts/connection.ts';
import { plainText } from '../contracts/plain-text.ts';
import { plainProblem } from '../contracts/problem.ts';
import type { Json, JsonObject } from '../platform/json.ts';
import { redactText } from '../platform/redaction.ts';
import type { InventoryRow } from '../stores/inventory/port.ts';
import type { KindListing, ListFailure, Listing, ResourceLister } from './listing/lister.ts';
import { plainTags } from './listing/tags.ts';
import type { AuthMethod, IssuedCredential, Proof, Provider } from './provider.ts';

const LONGEST_NAME = 300;
const LONGEST_VALUE = 2_000;
const MOST_SCOPES = 200;

/**
 * A provider whose answers contain only plain text: names of accounts and resources are whatever somebody typed at the
 * cloud, and they are shown in pages, lists and the Temporal UI. What is thrown is plain already (`ProviderError`).
 */
export function withPlainAnswers(provider: Provider): Provider {
  const methods = Object.entries(provider.methods).map(([id, method]) => [id, plainMethod(method)] as const);
  return {
    ...provider,
    methods: Object.fromEntries(methods),
    ...(provider.discovery && {
      discovery: { ...provider.discovery, lister: plainLister(provider.discovery.lister) },
    }),
  };
}

function plainMethod(method: AuthMethod): AuthMethod {
  const exchange = method.exchange?.bind(method);
  const prepare = method.prepare?.bind(method);
  return {
    ...(exchange && { exchange: async (request) => plainIssue(await exchange(request)) }),
    ...(prepare && { prepare }),
    prove: async (context) => plainProof(await method.prove(context)),
    refresh: async (context) => plainIssue(await method.refresh(context)),
    revoke: async (context) => plainRevocation(await method.revoke(context)),
  };
}

const plainIssue = (issued: IssuedCredential): IssuedCredential => ({
  ...issued,
  scopes: issued.scopes.slice(0, MOST_SCOPES).map(plainName),
  warnings: issued.warnings.map(plainProblem),
});

const plainProof = ({ account, warnings, issued, ...proof }: Proof): Proof => ({
  ...proof,
  account: plainAccount(account),
  warnings: warnings.map(plainProblem),
  ...(issued && { issued: plainIssue(issued) }),
});

const plainAccount = ({ id, displayName }: Account): Account => ({
  id: plainName(id),
  displayName: displayName === null ? null : plainName(displayName) || null,
});

function plainRevocation(revocation: RevocationOutcome): RevocationOutcome {
  switch (revocation.outcome) {
    case 'unsupported':
      return { ...revocation, note: plainText(revocation.note, LONGEST_VALUE) };
    case 'failed':
      return { ...revocation, problem: plainProblem(revocation.problem) };
    case 'revoked':
    case 'nothing_to_revoke':
      return revocation;
  }
}

/** The same of a lister alone. Adapters leave it to this, so that no row passes by it. */
export function plainLister(lister: ResourceLister): ResourceLister {
  const confirmGone = lister.confirmGone?.bind(lister);
  return {
    manifest: lister.manifest,
    lists: lister.lists,
    ...(lister.placesAtOnce !== undefined && { placesAtOnce: lister.placesAtOnce }),
    listProjects: async (context) => plainListing(await lister.listProjects(context)),
    list: async (context, request) => plainListing(await lister.list(context, request)),
    ...(confirmGone && {
      confirmGone: async (context, request) => {
        const answer = await confirmGone(context, request);
        return { ...answer, refused: answer.refused && plainFailure(answer.refused) };
      },
    }),
    readiness: async () => await lister.readiness(),
  };
}

const plainListing = ({ kinds, source, notice }: Listing): Listing => ({
  kinds: kinds.map(plainKind),
  source,
  notice: notice && plainProblem(notice),
});

function plainKind(listing: KindListing): KindListing {
  if (listing.outcome === 'failed') return { ...listing, failure: plainFailure(listing.failure) };
  const losses = listing.losses.map((loss) => ({ ...plainFailure(loss), path: plainText(loss.path, LONGEST_VALUE) }));
  return { ...listing, rows: listing.rows.map(plainRow), losses };
}

const plainFailure = (failure: ListFailure): ListFailure => ({
  ...failure,
  problem: plainProblem(failure.problem),
  denied: failure.denied && { action: failure.denied.action === null ? null : plainName(failure.denied.action) },
});

/** Its key, id and project stay as they are: they name it at the cloud. People write passwords even into names. */
const plainRow = (row: InventoryRow): InventoryRow => ({
  ...row,
  name: plainName(redactText(row.name)) || row.id,
  region: row.region && plainName(row.region),
  zone: row.zone && plainName(row.zone),
  status: row.status && plainName(row.status),
  tags: plainTags(row.tags),
  nativeType: plainName(row.nativeType),
  url: row.url && plainText(row.url, LONGEST_VALUE),
  consoleUrl: row.consoleUrl && plainText(row.consoleUrl, LONGEST_VALUE),
  summary: plainObject(row.summary),
});

const plainObject = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, plainJson(value)]));

function plainJson(value: Json): Json {
  if (typeof value === 'string') return plainText(redactText(value), LONGEST_VALUE);
  if (Array.isArray(value)) return value.map(plainJson);
  return typeof value === 'object' && value !== null ? plainObject(value) : value;
}

const plainName = (text: string): string => plainText(text, LONGEST_NAME);
