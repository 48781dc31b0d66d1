import { ApiProblem } from '../problem.ts';

/** What can be wrong with Temporal, or with reaching a workflow through it. */
export const temporalProblems = {
  unavailable: (cause: unknown) =>
    new ApiProblem({
      status: 503,
      code: 'temporal_unavailable',
      message: 'Temporal does not answer.',
      remedy:
        'Connections are safe and go on as soon as it does. Check TEMPORAL_ADDRESS and that the server is up, then repeat the request with the same Idempotency-Key.',
      details: { retryAfterSeconds: 5 },
      cause,
    }),
  noWorkerAnswered: (cause: unknown) =>
    new ApiProblem({
      status: 503,
      code: 'no_worker_answered',
      message:
        'The connection did not answer in time: no worker runs, all of them are busy, or Temporal is out of reach.',
      remedy:
        'Look at GET /readyz, and at the pollers of the task queue in the Temporal UI; then repeat the request with the same Idempotency-Key.',
      details: { retryAfterSeconds: 5 },
      cause,
    }),
  tooManyInFlight: (cause: unknown) =>
    new ApiProblem({
      status: 429,
      code: 'too_many_requests_in_flight',
      message: 'Too many requests for this connection, or for Temporal as a whole, are in flight.',
      remedy: 'Wait for the answers to those, then try again.',
      details: { retryAfterSeconds: 2 },
      cause,
    }),
  namespaceMissing: (cause: unknown) =>
    new ApiProblem({
      status: 503,
      code: 'temporal_namespace_missing',
      message: 'Temporal has no namespace of the name that TEMPORAL_NAMESPACE gives.',
      remedy: 'Correct TEMPORAL_NAMESPACE, or make it: temporal operator namespace create.',
      cause,
    }),
  searchAttributesMissing: (cause: unknown) =>
    new ApiProblem({
      status: 503,
      code: 'search_attributes_missing',
      message: "Temporal's namespace lacks search attributes that Mooring writes.",
      remedy: 'Register them as docs/production.md says: temporal operator search-attribute create.',
      cause,
    }),
  refused: (cause: unknown) =>
    new ApiProblem({
      status: 503,
      code: 'temporal_refused',
      message: 'Temporal refuses the credentials of this process.',
      remedy: 'Check TEMPORAL_API_KEY, its expiry, and its rights in the namespace.',
      cause,
    }),
} as const;
