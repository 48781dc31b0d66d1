import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';

/** Whether a request's first byte has left this process. `unseen`: the fetch in use does not say. */
export type Departure = 'unseen' | 'waiting' | 'left';

interface Trip {
  departure: Departure;
}

const trips = new AsyncLocalStorage<Trip>();
const tripOf = new WeakMap<object, Trip>();

// Node's fetch reports both steps (undici's diagnostics channels); between them it resolves, connects and does TLS.
subscribe('undici:request:create', (message) => {
  const { request } = message as { request: object };
  const trip = trips.getStore();
  if (!trip) return;
  trip.departure = 'waiting';
  tripOf.set(request, trip);
});
subscribe('undici:client:sendHeaders', (message) => {
  const trip = tripOf.get((message as { request: object }).request);
  if (trip) trip.departure = 'left';
});

/**
 * Runs one fetch and can tell, at any time, whether its request has left. An error's code alone can't: a deadline
 * that passes while the connection is still being made looks like one that passes while waiting for the answer.
 */
export function watchDeparture<T>(work: () => Promise<T>): { result: Promise<T>; departure: () => Departure } {
  const trip: Trip = { departure: 'unseen' };
  return { result: trips.run(trip, work), departure: () => trip.departure };
}
