import { join } from 'node:path';
import { build } from './build/build.ts';

/** `npm run build`: what the production image contains, in `dist/`. */
const startedAt = performance.now();
await build(join(import.meta.dirname, '../dist'));
console.log(`Built dist/ in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
