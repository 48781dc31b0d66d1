/** Every workflow that a Mooring worker runs; the bundle's entry point. */
export { connection } from './connection.ts';
export { discarding } from './discarding.ts';
export { discovery } from './discovery.ts';
export { validation } from './validation.ts';
