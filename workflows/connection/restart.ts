import { restartInput, type Restart } from '../../contracts/restart.ts';
import { initialState, type ConnectionEvent, type ConnectionState } from './phases.ts';
import { rebuiltEvents, withoutPreviousStatus } from './public-events.ts';
import { apply } from './state.ts';
import { upgradeState } from './versions.ts';

export const isRestart = (carried: ConnectionState | Restart): carried is Restart => 'restart' in carried;

/** The state that a run begins with: carried from the run before, or rebuilt after the workflow was lost. */
export const stateFrom = (carried: ConnectionState | Restart): ConnectionState =>
  isRestart(carried) ? restartedState(carried) : upgradeState(carried);

/** The state of a connection whose workflow was ended from outside, rebuilt from its `about` record. */
function restartedState(restart: Restart): ConnectionState {
  const { about, at, discards } = restart;
  const version: number = restart.restart;
  if (version !== 1) throw new Error(`This build knows restarts of version 1, and was given ${version}.`);
  const input = restartInput(restart);
  const before: ConnectionState = {
    ...initialState(input, { ...input.invitation, ...noInvitation, expiresAt: at }, about.createdAt, about.request),
    phase: { status: 'active', since: at },
    // The lost run may have issued later epochs than the record knows. Seconds since 1970 are ahead of them all.
    epoch: Math.max(about.epoch, Math.floor(Date.parse(at) / 1000)),
    invitation: null,
    account: about.account,
    timeline: [],
    discards,
    events: rebuiltEvents(at),
  };
  const state = eventsOf(restart).reduce((current, event) => apply(current, event, at), before);
  return { ...state, events: withoutPreviousStatus(state.events) };
}

const noInvitation = { epoch: 0, purpose: 'connect', allowDifferentAccount: false } as const;

function eventsOf({ as, revocation }: Restart): readonly ConnectionEvent[] {
  if (as === 'stopped') return [{ type: 'stopped' }];
  if (revocation === null) return [{ type: 'disconnectRequested' }];
  return [{ type: 'disconnectRequested' }, { type: 'retired' }, { type: 'revoked', revocation }];
}
