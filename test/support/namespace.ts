import { randomUUID } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { searchAttributes } from '../../contracts/search-attributes.ts';
import { eventually } from './eventually.ts';

const types = { Keyword: 2, Datetime: 6, KeywordList: 7 } as const;
const RETENTION_SECONDS = 24 * 3600;

/** A namespace of one suite alone: workers of other suites poll task queues of the same names. */
export async function makeNamespace(address: string): Promise<string> {
  const namespace = `api-${randomUUID().slice(0, 8)}`;
  const connection = await Connection.connect({ address });
  try {
    const retention = { seconds: RETENTION_SECONDS as unknown as never, nanos: 0 };
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention });
    await eventually(
      'the namespace to be there',
      async () => await connection.operatorService.listSearchAttributes({ namespace }),
    );
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(
        Object.values(searchAttributes).map(({ name, type }) => [name, types[type]]),
      ),
    });
    return namespace;
  } finally {
    await connection.close();
  }
}
