import { KeyRing } from '../platform/key-ring.ts';

/** `npm run key [id]`: a new key for MOORING_KEYS. Put it in front of the old ones to rotate. */
console.log(KeyRing.generate(process.argv[2]));
