import type { Problem } from '../../../../contracts/problem.ts';
import { CallFailed, type RegionCalls } from '../calls.ts';
import { allPages, type AskPage } from '../pages.ts';
import { isPartly } from '../place.ts';
import { tagsDenied } from '../problems.ts';
import { tagsOf, type Tags } from '../tags.ts';

/** The tags of the resources of some types in one region, once for all that ask. */
export type TagsByArn = () => Promise<(arn: string) => Tags>;

export interface TagLookup {
  readonly tags: TagsByArn;
  /** Why there are none; null where they were read, or were not asked for. */
  notice(): Problem | null;
}

/** In the words of the tagging API. */
export type TaggedType = 'elasticloadbalancing:loadbalancer' | 'lambda:function' | 'ecr:repository' | 's3';

const PAGE = 100;

/**
 * Tags cost rows nothing: where the right is missing, or the service does not exist for us, rows have no tags, and a notice
 * tells it. Where tags may be had a moment later, the call fails instead. Rows without their tags would look changed, and
 * changed again once the tags are back.
 */
export function createTagLookup(calls: RegionCalls, types: readonly TaggedType[]): TagLookup {
  let problem: Problem | null = null;
  let asked: Promise<(arn: string) => Tags> | undefined;

  async function ask(): Promise<(arn: string) => Tags> {
    try {
      const known = await tagsIn(calls, types);
      return (arn) => known.get(arn) ?? {};
    } catch (error) {
      if (!isPartly(error) || !costsTagsOnly(error)) throw error;
      const { sign, failure } = error;
      const isMissingRight = failure.denied !== null && sign === null;
      problem = isMissingRight ? tagsDenied({ action, region: calls.region }, failure.problem) : failure.problem;
      return () => ({});
    }
  }

  return { tags: async () => await (asked ??= ask()), notice: () => problem };
}

const action = 'tag:GetResources';

async function tagsIn(calls: RegionCalls, types: readonly TaggedType[]): Promise<ReadonlyMap<string, Tags>> {
  const { ResourceGroupsTaggingAPIClient: Client, GetResourcesCommand } =
    await import('@aws-sdk/client-resource-groups-tagging-api');
  const client = new Client(calls.config('tagging'));
  const known = new Map<string, Tags>();
  const ask: AskPage = async (PaginationToken, options) => {
    const command = new GetResourcesCommand({
      ResourcesPerPage: PAGE,
      PaginationToken,
      ResourceTypeFilters: [...types],
    });
    const reply = await client.send(command, options);
    return { rows: reply.ResourceTagMappingList, next: reply.PaginationToken };
  };
  const [loss] = await allPages(calls, { service: 'tagging', action }, ask, (rows) => {
    for (const each of rows) {
      const { ResourceARN, Tags: given } = each as { readonly ResourceARN?: unknown; readonly Tags?: unknown };
      if (typeof ResourceARN === 'string') known.set(ResourceARN, tagsOf(given));
    }
  });
  // Half of the tags would make the other resources look changed.
  if (loss) throw new CallFailed({ sign: null, failure: loss });
  return known;
}

const costsTagsOnly = ({ failure, sign }: CallFailed): boolean => failure.class === 'user' || sign === 'not_connected';
