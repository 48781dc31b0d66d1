import { sleep } from '@temporalio/workflow';
import { connection as unchanged } from '../../workflows/connection/workflow.ts';

/** The connection workflow as a careless change would leave it: something new happens before what is in history. */
export async function connection(...args: Parameters<typeof unchanged>): ReturnType<typeof unchanged> {
  await sleep('1 s');
  return await unchanged(...args);
}
