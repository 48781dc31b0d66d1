import type { Batch } from '../../api/batches/schema.ts';
import type { Customer } from './customer.ts';
import { eventually } from './eventually.ts';

/** Mooring's own account on the sandbox. */
const OPERATOR = '111122223331';
const AT_ONCE = 16;

/** What the StackSet of a batch does: roles that demand its external ID. Answers their ARNs. */
async function makeRoles({ cloud }: Customer, { setup }: Batch, names: readonly string[]): Promise<string[]> {
  const trustPolicy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${OPERATOR}:root` },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': setup['externalId'] } },
      },
    ],
  };
  const arns: string[] = [];
  for (let from = 0; from < names.length; from += AT_ONCE) {
    const some = names.slice(from, from + AT_ONCE);
    arns.push(...(await Promise.all(some.map(async (name) => await cloud.putAwsRole({ name, trustPolicy })))));
  }
  return arns;
}

/** Creates a batch, has its roles made, and gives them to it. */
export async function startBatch(
  customer: Customer,
  names: readonly string[],
  more: object = {},
): Promise<{ readonly id: string; readonly arns: readonly string[] }> {
  const { platform } = customer;
  const batch = await platform.call<Batch>('POST', '/v1/batches', { provider: 'aws', region: 'aws', ...more });
  const arns = await makeRoles(customer, batch, names);
  const items = arns.map((role_arn) => ({ fields: { role_arn } }));
  await platform.call('POST', `/v1/batches/${batch.id}/items`, { items });
  return { id: batch.id, arns };
}

export const batchOf = async ({ platform }: Customer, id: string): Promise<Batch> =>
  await platform.call<Batch>('GET', `/v1/batches/${id}`);

export async function untilBatch(
  customer: Customer,
  id: string,
  fits: (batch: Batch) => boolean,
  withinMs: number,
): Promise<Batch> {
  let last: Batch | undefined;
  try {
    return await eventually(
      `what is expected of ${id}`,
      async () => {
        last = await batchOf(customer, id);
        return fits(last) && last;
      },
      withinMs,
    );
  } catch (error) {
    throw new Error(`${(error as Error).message} It was ${JSON.stringify(last?.counts)}`, { cause: error });
  }
}
