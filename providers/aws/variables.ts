import type { Problem } from '../../contracts/problem.ts';
import type { RegionManifest } from '../manifests/types.ts';

/** The names of our own credentials' variables in a partition. */
export function variableNames({ settings }: RegionManifest) {
  const name = (role: string) => settings[role]?.names[0] ?? role;
  return {
    accessKeyId: name('accessKeyId'),
    secretAccessKey: name('secretAccessKey'),
    stsRegion: name('stsRegion'),
    workloadIdentity: name('workloadIdentity'),
  };
}

export function credentialsMissing(region: RegionManifest): Problem {
  const { accessKeyId, secretAccessKey, stsRegion, workloadIdentity } = variableNames(region);
  return {
    code: 'credentials_not_configured',
    message: `AWS credentials not configured for ${region.id}: Mooring has no identity that could assume roles.`,
    remedy: `Set ${accessKeyId} and ${secretAccessKey} (or ${workloadIdentity}=true), and ${stsRegion} where it is not ${region.settings['stsRegion']?.default}; restart Mooring, and check with "aws sts get-caller-identity".`,
  };
}
