import { iso } from '../../contracts/time.ts';
import { credentialFormatsOf } from '../../providers/manifests/credential-formats.ts';
import type { CredentialFormat, MethodManifest } from '../../providers/manifests/types.ts';
import type { AccessRecord } from '../../stores/secrets/credential-record.ts';
import type { ProviderCatalog } from '../connections/provider-catalog.ts';
import { ApiProblem, apiProblems } from '../http/problem.ts';
import { leasedCredential } from './lease.ts';

/** The API's own JSON. */
const DEFAULT_FORMAT = 'json';

/** A credential in clear text, in the requested format. Only for the body of the reply. */
export interface CredentialDocument {
  /** Record fields by their stored names; only those that the method's manifest names. */
  readonly fields: Record<string, string>;
  /** ISO 8601; null = does not expire. */
  readonly expiresAt: string | null;
  /** Null = the API's own JSON is made of the fields. */
  readonly written: { readonly contentType: string; readonly text: string } | null;
}

/**
 * The fields of a record that may be returned, in the requested format. Throws `ApiProblem` that names the known
 * formats.
 */
export function credentialDocument(
  providers: Pick<ProviderCatalog, 'find'>,
  record: AccessRecord,
  format: string = DEFAULT_FORMAT,
): CredentialDocument {
  const method = providers.find(record.provider, record.endpoint, record.auth_method)?.method;
  if (!method) throw unknownMethod(record);
  const chosen = format === DEFAULT_FORMAT ? null : formatOf(method, format);
  const fields = leasedCredential(record, method.leased);
  const expiresAt = record.expires_at == null ? null : iso(record.expires_at * 1000);
  return {
    fields,
    expiresAt,
    written: chosen && {
      contentType: chosen.contentType,
      text: chosen.render({ fields, expiresAt, region: record.endpoint }),
    },
  };
}

function formatOf(method: MethodManifest, format: string): CredentialFormat {
  const formats = credentialFormatsOf(method);
  const found = formats.find(({ id }) => id === format);
  if (found) return found;
  const known = [DEFAULT_FORMAT, ...formats.map(({ id }) => id)];
  throw apiProblems.invalidRequest([`"format" must be ${known.join(' or ')} for this way of connecting.`]);
}

/** The manifest decides which fields may be returned. Without it, none is. */
const unknownMethod = ({ provider, endpoint, auth_method }: AccessRecord): ApiProblem =>
  new ApiProblem({
    status: 409,
    code: 'method_unknown',
    message: `This version of Mooring does not know the method '${auth_method}' of ${provider} (${endpoint}) any more.`,
    remedy: 'The credential is kept. Deploy a version that knows it, or connect the account in another way.',
  });
