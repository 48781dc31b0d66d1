import { buildOpenApi } from '../../api/http/build-openapi.ts';
import type { Generator } from './generator.ts';

/** `docs/openapi.json`: what `/openapi.json` answers, for those who have no server at hand. */
export const openapi: Generator = {
  async generate() {
    return [{ path: 'docs/openapi.json', text: `${JSON.stringify(await buildOpenApi(), null, 2)}\n` }];
  },
};
