import { arrows } from './arrows.ts';
import type { Check } from './check.ts';
import { composeFile } from './compose-file.ts';
import { deadCode } from './dead-code.ts';
import { dockerComposeConfig } from './docker-compose-config.ts';
import { dockerfile } from './dockerfile.ts';
import { fileSizes } from './file-sizes.ts';
import { foreignTraces } from './foreign-traces.ts';
import { format } from './format.ts';
import { generated } from './generated.ts';
import { lint } from './lint.ts';
import { openapi } from './openapi.ts';
import { packages } from './packages.ts';
import { providerFolders } from './provider-folders.ts';
import { providerNamesInCore } from './provider-names.ts';
import { recordings } from './recordings.ts';
import { types } from './types.ts';
import { unfinished } from './unfinished.ts';

/** All of them, the slow ones first so that two at once end together. */
export const checks: readonly Check[] = [
  types,
  lint,
  arrows,
  format,
  deadCode,
  generated,
  openapi,
  providerNamesInCore,
  providerFolders,
  fileSizes,
  unfinished,
  foreignTraces,
  packages,
  recordings,
  composeFile,
  dockerfile,
  dockerComposeConfig,
];
