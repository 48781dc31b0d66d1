import type { Problem } from '../../../../contracts/problem.ts';
import type { RegionCalls } from '../calls.ts';
import type { AskPage } from '../pages.ts';
import { isPartly, type Listed, type Place } from '../place.ts';
import { regionNamed } from '../regions.ts';
import { atAccount, id, listPages, moment, row, text } from '../rows.ts';
import type { Tags } from '../tags.ts';
import { createTagLookup } from './tag-lookup.ts';

/** A list without this is never paged, and does not say where the buckets are. */
const PAGE = 1_000;

const bucket = row({ Name: id, BucketRegion: text, CreationDate: moment });

/** All buckets of the account, wherever they are. Their tags are with the region of each. */
export async function listBuckets(
  place: Place,
  callsIn: (region: string) => RegionCalls,
): Promise<{ readonly listed: Listed; readonly notice: Problem | null }> {
  const { S3Client, ListBucketsCommand } = await import('@aws-sdk/client-s3');
  const client = new S3Client({ ...place.calls.config('s3'), forcePathStyle: true });
  const ask: AskPage = async (ContinuationToken, options) => {
    const reply = await client.send(new ListBucketsCommand({ MaxBuckets: PAGE, ContinuationToken }), options);
    return { rows: reply.Buckets, next: reply.ContinuationToken };
  };
  const { rows, losses } = await listPages(
    place,
    's3',
    {
      kind: 'object_storage',
      action: 's3:ListAllMyBuckets',
      schema: bucket,
      facts: ({ Name, BucketRegion, CreationDate }) => ({
        arn: `arn:${place.partition.manifest.id}:s3:::${Name}`,
        nativeType: 'AWS::S3::Bucket',
        name: Name,
        region: BucketRegion ?? null,
        createdAt: CreationDate,
        tags: {},
        page: 's3',
        summary: {},
      }),
    },
    ask,
  );
  const regions = new Set(rows.map(({ region }) => regionNamed(region) ?? place.calls.region));
  const { tags, notice } = await tagsIn([...regions].map(callsIn));
  const tagged = rows.map((each) => ({ ...each, tags: tags(each.id) }));
  return { listed: atAccount({ rows: tagged, losses }), notice };
}

async function tagsIn(regions: readonly RegionCalls[]) {
  const found = await Promise.all(
    regions.map(async (calls) => {
      const lookup = createTagLookup(calls, ['s3']);
      try {
        return { tags: await lookup.tags(), notice: lookup.notice() };
      } catch (error) {
        // A region that does not answer must not hold back the buckets of all others.
        if (!isPartly(error) || error.sign !== 'not_answered') throw error;
        return { tags: (): Tags => ({}), notice: error.failure.problem };
      }
    }),
  );
  return {
    tags: (arn: string): Tags => Object.assign({}, ...found.map(({ tags }) => tags(arn))) as Tags,
    notice: found.find(({ notice }) => notice !== null)?.notice ?? null,
  };
}
