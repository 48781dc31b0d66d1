import { Type } from 'typebox';

import { maybe } from '../../../../platform/schema.ts';
import type { AskPage } from '../pages.ts';
import type { Listed, Place } from '../place.ts';
import { id, listPages, number, row, text } from '../rows.ts';
import type { TagsByArn } from './tag-lookup.ts';

/** The most that Lambda takes. */
const PAGE = 50;

/** Its reply holds environment variables in clear: they are never read. */
const lambdaFunction = row({
  FunctionArn: id,
  FunctionName: id,
  Runtime: text,
  MemorySize: number,
  Timeout: number,
  PackageType: text,
  Architectures: maybe(Type.Array(Type.String())),
});

export async function listFunctions(place: Place, tags: TagsByArn): Promise<Listed> {
  const { LambdaClient, ListFunctionsCommand } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient(place.calls.config('lambda'));
  const action = 'lambda:ListFunctions';
  const found = await tags();
  const ask: AskPage = async (Marker, options) => {
    const reply = await client.send(new ListFunctionsCommand({ MaxItems: PAGE, Marker }), options);
    return { rows: reply.Functions, next: reply.NextMarker };
  };
  return await listPages(
    place,
    'lambda',
    {
      kind: 'function',
      action,
      schema: lambdaFunction,
      facts: ({ FunctionArn, FunctionName, Runtime, MemorySize, Timeout, PackageType, Architectures }) => ({
        arn: FunctionArn,
        nativeType: 'AWS::Lambda::Function',
        name: FunctionName,
        tags: found(FunctionArn),
        page: 'lambda',
        summary: {
          runtime: Runtime,
          memoryMb: MemorySize,
          timeoutSeconds: Timeout,
          packageType: PackageType,
          architectures: Architectures,
        },
      }),
    },
    ask,
  );
}
