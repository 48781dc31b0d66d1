import { Type } from 'typebox';

import type { Problem } from '../../../contracts/problem.ts';
import type { KindListing } from '../../listing/lister.ts';
import type { CallFailed, RegionCalls } from './calls.ts';
import { regionsOf } from './endpoints.ts';
import { pathOf } from './pages.ts';
import { isPartly, lossOf, type Listed, type Place } from './place.ts';
import { regionsAssumed } from './problems.ts';
import { atAccount, createReader, listPages, row, type Reading } from './rows.ts';

/** It becomes part of a host name. */
const NAME = '^[a-z]{2,6}(-[a-z]{1,12}){1,3}-\\d{1,2}$';

export const regionNamed = (name: string | null): string | undefined =>
  name !== null && new RegExp(NAME).test(name) ? name : undefined;

const ACTION = 'ec2:DescribeRegions';

/**
 * The regions that the account has enabled: as EC2 knows them, else as the account knows them. Organisations that deny
 * regions often leave only the second open. Where both are refused, those that every account has are looked at too; the
 * list is partial then, so the regions of earlier passes stay.
 */
export async function listRegions(
  home: Place,
  accountCalls: RegionCalls,
): Promise<{ readonly listing: KindListing; readonly notice: Problem | null }> {
  const listed = ({ rows, losses }: Listed, notice: Problem | null = null) => {
    const withPages = atAccount({ rows, losses }).rows.map((each) => ({
      ...each,
      consoleUrl: consoleUrlOf(home, each.id),
    }));
    return { listing: { kind: 'region', outcome: 'listed', rows: withPages, losses } as const, notice };
  };
  try {
    return listed(await regionsOfEc2(home));
  } catch (error) {
    if (!isPartly(error)) throw error;
    try {
      return listed(await regionsOfAccount({ ...home, calls: accountCalls }));
    } catch (other) {
      if (!isPartly(other)) throw other;
      const mayWork = [error, other].find(({ failure }) => failure.class !== 'user');
      if (mayWork) return { listing: { kind: 'region', outcome: 'failed', failure: mayWork.failure }, notice: null };
      return listed(assumed(home, error), regionsAssumed);
    }
  }
}

function assumed(place: Place, error: CallFailed): Listed {
  const reader = createReader(place, reading(ACTION));
  reader.take(regionsOf(place.partition).defaults.map((RegionName) => ({ RegionName })));
  return reader.listed([lossOf(pathOf(place.calls, ACTION), error)]);
}

async function regionsOfEc2(place: Place): Promise<Listed> {
  const { EC2Client, DescribeRegionsCommand } = await import('@aws-sdk/client-ec2');
  const client = new EC2Client(place.calls.config('ec2'));
  return await listPages(place, 'ec2', reading(ACTION), async (_token, options) => {
    const reply = await client.send(new DescribeRegionsCommand({}), options);
    return { rows: reply.Regions, next: undefined };
  });
}

const PAGE = 50;

async function regionsOfAccount(place: Place): Promise<Listed> {
  const { AccountClient, ListRegionsCommand } = await import('@aws-sdk/client-account');
  const client = new AccountClient(place.calls.config('account'));
  return await listPages(place, 'account', reading('account:ListRegions'), async (NextToken, options) => {
    const command = new ListRegionsCommand({
      MaxResults: PAGE,
      NextToken,
      RegionOptStatusContains: ['ENABLED', 'ENABLED_BY_DEFAULT'],
    });
    const reply = await client.send(command, options);
    return { rows: reply.Regions, next: reply.NextToken };
  });
}

const region = row({ RegionName: Type.String({ pattern: NAME }) });

/** The same rows whoever names the region: otherwise each change of the way would look like a change of the region. */
const reading = (action: string): Reading<typeof region> => ({
  kind: 'region',
  action,
  schema: region,
  facts: ({ RegionName }) => ({
    arn: RegionName,
    nativeType: 'AWS::EC2::Region',
    name: RegionName,
    region: RegionName,
    tags: {},
    page: 'console',
    summary: {},
  }),
});

const consoleUrlOf = ({ partition }: Place, name: string): string | null =>
  partition.urls['console'] ? `${partition.urls['console']}/console/home?region=${name}` : null;
