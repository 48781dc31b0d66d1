import { configuration } from './configuration.ts';
import type { Generator } from './generator.ts';
import { openapi } from './openapi.ts';
import { providers } from './providers.ts';

export const generators: readonly Generator[] = [configuration, openapi, providers];
