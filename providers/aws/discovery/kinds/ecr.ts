import type { AskPage } from '../pages.ts';
import type { Listed, Place } from '../place.ts';
import { id, listPages, moment, row, text } from '../rows.ts';
import type { TagsByArn } from './tag-lookup.ts';

const PAGE = 1_000;

const repository = row({
  repositoryArn: id,
  repositoryName: id,
  repositoryUri: text,
  createdAt: moment,
  imageTagMutability: text,
});

export async function listRegistries(place: Place, tags: TagsByArn): Promise<Listed> {
  const { ECRClient, DescribeRepositoriesCommand } = await import('@aws-sdk/client-ecr');
  const client = new ECRClient(place.calls.config('ecr'));
  const action = 'ecr:DescribeRepositories';
  const found = await tags();
  const ask: AskPage = async (nextToken, options) => {
    const command = new DescribeRepositoriesCommand({ maxResults: PAGE, nextToken });
    const reply = await client.send(command, options);
    return { rows: reply.repositories, next: reply.nextToken };
  };
  return await listPages(
    place,
    'ecr',
    {
      kind: 'registry',
      action,
      schema: repository,
      facts: ({ repositoryArn, repositoryName, repositoryUri, createdAt, imageTagMutability }) => ({
        arn: repositoryArn,
        nativeType: 'AWS::ECR::Repository',
        name: repositoryName,
        createdAt,
        tags: found(repositoryArn),
        url: repositoryUri ? `https://${repositoryUri}` : null,
        page: 'ecr',
        summary: { tagMutability: imageTagMutability },
      }),
    },
    ask,
  );
}
