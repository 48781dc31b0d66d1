/** Every workflow that a Mooring worker runs; the bundle's entry point. */
export { connection } from './connection/workflow.ts';
export { discarding } from './discarding.ts';
export { discovery } from './discovery/workflow.ts';
export { reconcile } from './reconcile.ts';
export { sweeping } from './sweeping.ts';
export { validation } from './validation.ts';
