import { Context } from '@temporalio/activity';
import { placeCredential } from '../workflows/contracts/credential-schedule.ts';
import type { ConnectionActivities, RefreshInput, RefreshOutcome } from '../workflows/contracts/activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { publish } from './publish-view.ts';
import { refreshProtocol } from './refresh/protocol.ts';

/** The refresh protocol as an activity, local or regular, with the worker's cap and its single flight around it. */
export function createRefreshCredential(deps: ActivityDependencies): ConnectionActivities['refreshCredential'] {
  /**
   * One execution for a connection in this process: a local activity that was frozen past its time-out runs on beside
   * its successor, and both must be the same spending.
   */
  const inFlight = new Map<string, Promise<RefreshOutcome>>();

  async function run(input: RefreshInput): Promise<RefreshOutcome> {
    const outcome = await refreshProtocol(deps, input);
    deps.refreshGate.note(input.connection.provider, outcome.outcome);
    if (outcome.outcome === 'refreshed') {
      const credential = placeCredential(outcome.facts, deps.clock.now(), input.jitter);
      const updatedAt = new Date(deps.clock.now()).toISOString();
      await publish(deps, { ...input.view, credential, updatedAt }, []);
    }
    return outcome;
  }

  return async (input) => {
    const { id, provider } = input.connection;
    const running = inFlight.get(id);
    if (running) return await running;
    const leave = Context.current().info.isLocal ? deps.refreshGate.enter(provider) : () => undefined;
    if (!leave) return { outcome: 'saturated' };
    const execution = run(input).finally(() => {
      inFlight.delete(id);
      leave();
    });
    inFlight.set(id, execution);
    return await execution;
  };
}
