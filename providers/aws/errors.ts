import type { Problem } from '../../contracts/problem.ts';
import type { CallFailure } from '../http/call-error.ts';
import type { Classifier, Verdict } from '../http/classify.ts';
import type { RegionManifest } from '../manifests/types.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import { judgeCode } from './codes.ts';
import { roleNotAssumable, roleWithdrawn, sessionNotUsable } from './role-problems.ts';
import type { RoleRecord } from './schema.ts';

/**
 * `first`: the role has never trusted us. `again`: it has. `whose`: a session that was just issued is shown to STS.
 * `ourselves`: no customer is involved.
 */
export type Operation = 'first' | 'again' | 'whose' | 'ourselves';

/** STS's answers in our vocabulary; https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
export function awsClassifier(operation: Operation, region: RegionSettings, record?: RoleRecord): Classifier {
  return {
    cloud: 'AWS',
    statusPage: 'https://health.aws.amazon.com/health/status',
    judge(failure) {
      if (failure.kind === 'insecure_url')
        return { class: 'config', problem: insecureUrl(failure.url, region.manifest) };
      if (failure.kind !== 'status') return undefined;
      const { code, said } = words(failure);
      // A session takes a moment to be known everywhere, so nothing that is said about it is final.
      if (operation === 'whose') return { class: 'transient', problem: sessionNotUsable(code) };
      if (code === 'AccessDenied' && record && operation !== 'ourselves') return denied(operation, record, said);
      return judgeCode(code, said, region);
    },
  };
}

function denied(operation: Operation, record: RoleRecord, said: string): Verdict {
  // A role that has trusted us and does so no more was changed; before that, "not yet" and "never" look alike.
  return operation === 'again'
    ? { class: 'revoked', problem: roleWithdrawn(record, said) }
    : { class: 'transient', problem: roleNotAssumable(record, said) };
}

/** The code alone decides; AWS's sentence is for people. */
export const isAccessDenied = (failure: CallFailure): boolean =>
  failure.kind === 'status' && failure.status === 403 && words(failure).code === 'AccessDenied';

function words({ body }: Extract<CallFailure, { kind: 'status' }>): { code: string; said: string } {
  const { code, message } = body ?? {};
  return {
    code: typeof code === 'string' ? code : '',
    said: typeof message === 'string' ? message.replace(/\s+/g, ' ').trim().slice(0, 300) : '',
  };
}

export const unknownPartition = (given: string, known: readonly string[]): Problem => ({
  code: 'unknown_region',
  message: `Invalid partition '${given}'. Must be one of: ${known.join(', ')}`,
  remedy: 'Create the connection again with one of these partitions.',
});

const insecureUrl = (url: string, { urls }: RegionManifest): Problem => ({
  code: 'insecure_url',
  message: `Sessions are asked for over https only, and ${url || 'the configured STS endpoint'} is not.`,
  remedy: `Unset or correct ${urls['sts']?.variable}; http is accepted for addresses of this machine alone.`,
});
