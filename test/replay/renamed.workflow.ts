/** The connection workflow under another name: as if a build had none for those that run. */
export { connection as link } from '../../workflows/connection/workflow.ts';
