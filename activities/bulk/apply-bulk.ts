import { cancellationSignal, Context } from '@temporalio/activity';
import type { ItemDetails } from '../../contracts/batches.ts';
import type { ApplyInput, BulkActivities, BulkNews, SettledTarget, Target } from '../../contracts/bulk.ts';
import type { Command } from '../../contracts/messages.ts';
import type { Json } from '../../platform/json.ts';
import { createBatchDetails } from '../../stores/batches/details.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { eventStream } from '../../stores/ephemeral/news.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import { TemporalUnavailable } from '../batches/ports.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { notYet } from '../failures.ts';
import type { Asked, BulkConnections } from './ports.ts';

/** Adapters that only bulk jobs use. */
export interface BulkTools {
  readonly connections: BulkConnections;
}

type BulkDependencies = BulkTools & Pick<ActivityDependencies, 'ephemeral' | 'logger'>;

/** Connections that are asked side by side. */
const SIDE_BY_SIDE = 10;

/**
 * Asks the connections, some side by side. A repeated attempt asks all of them again, by the same request ids: what was
 * carried out is not carried out twice. Where the job is cancelled, those that had no turn are left out of the answer.
 */
export function createApplyBulk(deps: BulkDependencies): BulkActivities['applyBulk'] {
  return async (input) => {
    const signal = cancellationSignal();
    const { bulk, news } = input;
    if (news && Context.current().info.attempt === 1) await publish(deps, bulk, news);
    const waiting = [...input.targets];
    const settled: SettledTarget[] = [];
    const refusals = new Map<number, ItemDetails>();
    let isAway = false;
    const work = async (): Promise<void> => {
      for (let target = waiting.shift(); target && !signal.aborted && !isAway; target = waiting.shift()) {
        const { index, connection } = target;
        const asked = await ask(deps, input, target);
        if (asked.outcome === 'away') isAway = true;
        else settled.push({ index, outcome: asked.outcome });
        if (asked.outcome === 'refused') refusals.set(index, { label: null, connection, problem: asked.problem });
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
    // What is known is told, so that a job that is cancelled meanwhile counts it.
    if (isAway && settled.length === 0) throw notYet(temporalUnavailable);
    await keep(deps, bulk.id, refusals);
    return settled;
  };
}

/** A connection that fails in a way that is not known does not stop the others. */
async function ask(
  deps: BulkDependencies,
  input: ApplyInput,
  target: Target,
): Promise<Asked | { readonly outcome: 'away' }> {
  try {
    return await askOne(deps.connections, input, target);
  } catch (error) {
    if (error instanceof TemporalUnavailable) return { outcome: 'away' };
    const { connection, index } = target;
    deps.logger.error({ err: error, bulk: input.bulk.id, connection, index }, 'A connection could not be asked.');
    return { outcome: 'refused', problem: problems.internal };
  }
}

async function askOne(
  connections: BulkConnections,
  { bulk, deed, by }: ApplyInput,
  { index, connection }: Target,
): Promise<Asked> {
  const command: Command = { tenant: bulk.tenant, by, requestId: `bulk:${bulk.id}:${index}` };
  switch (deed.action) {
    case 'pause':
    case 'resume':
    case 'verify':
    case 'disconnect':
      return await connections.ask(connection, deed.action, command);
    case 'reauthorize': {
      const { invitation } = deed;
      return await connections.ask(connection, 'reauthorize', { ...command, invitation, allowDifferentAccount: false });
    }
    case 'tag': {
      const view = await connections.view(connection);
      if (!view) return { outcome: 'gone' };
      const tags = [...new Set([...view.tags.filter((tag) => !deed.remove.includes(tag)), ...deed.add])];
      return await connections.ask(connection, 'annotate', { ...command, tags });
    }
  }
}

export function createTellBulk(deps: Pick<ActivityDependencies, 'ephemeral' | 'logger'>): BulkActivities['tellBulk'] {
  return ({ bulk, news }) => publish(deps, bulk, news);
}

/** Best effort: the job itself tells the same. */
async function publish(
  { ephemeral, logger }: Pick<ActivityDependencies, 'ephemeral' | 'logger'>,
  { id, tenant }: ApplyInput['bulk'],
  news: BulkNews,
): Promise<void> {
  const event = { bulk: id, ...news, text: sentenceOf(news) } as unknown as Json;
  try {
    await ephemeral.append(ephemeralKeys.events(tenant), event, eventStream);
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.warn({ err: error, bulk: id }, 'News of a bulk job was not published: the ephemeral store does not answer.');
  }
}

function sentenceOf({ action, targets, counts }: BulkNews): string {
  const { done, unanswered, refused, gone, cancelled } = counts;
  const others = Object.entries({ unanswered, refused, gone, cancelled });
  const told = others.flatMap(([outcome, count]) => (count > 0 ? [`${count} ${outcome}`] : []));
  return `${[`${action}: ${done} of ${targets} done`, ...told].join(', ')}.`;
}

/** Best effort: the outcomes are in the workflow. */
async function keep(
  { ephemeral, logger }: BulkDependencies,
  bulkId: string,
  refusals: ReadonlyMap<number, ItemDetails>,
): Promise<void> {
  if (refusals.size === 0) return;
  try {
    await createBatchDetails(ephemeral).put(bulkId, refusals);
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.warn({ err: error, bulk: bulkId }, 'Refusals were not kept: the ephemeral store does not answer.');
  }
}

const temporalUnavailable: Problem = {
  code: 'temporal_unavailable',
  message: 'Temporal does not answer.',
  remedy: 'Nothing is lost: the job goes on as soon as it does.',
};
