import { manifest as aws } from '../aws/manifest.ts';
import { manifest as azure } from '../azure/manifest.ts';
import { manifest as gcp } from '../gcp/manifest.ts';
import { manifest as ovh } from '../ovh/manifest.ts';
import type { ProviderManifest } from './types.ts';

/** Every provider's manifest, one line each. `registry.ts` has the same list with the code that acts. */
export const manifests: readonly ProviderManifest[] = [aws, azure, gcp, ovh];
