import { ApiProblem } from '../http/problem.ts';

const unavailable = (code: string, message: string, remedy: string, retryAfterSeconds?: number) => (cause: unknown) =>
  new ApiProblem({
    status: 503,
    code,
    message,
    remedy,
    ...(retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }),
    cause,
  });

/** What can be wrong with Temporal, or with reaching a workflow through it. */
export const temporalProblems = {
  unavailable: unavailable(
    'temporal_unavailable',
    'Temporal does not answer.',
    'Connections are safe and go on as soon as it does. Check TEMPORAL_ADDRESS and that the server is up, then repeat the request with the same Idempotency-Key.',
    5,
  ),
  noWorkerAnswered: unavailable(
    'no_worker_answered',
    'No worker answered in time: none runs, all of them are busy, or Temporal is out of reach.',
    'Look at GET /readyz, and at the pollers of the task queue in the Temporal UI; then repeat the request.',
    5,
  ),
  /** The same for a request that changes something: it was sent, but it is unknown whether it was accepted. */
  verbUnanswered: unavailable(
    'no_worker_answered',
    'The connection did not answer in time: no worker runs, all of them are busy, or Temporal is out of reach. The request may still be carried out.',
    'Look at GET /readyz, and at the pollers of the task queue in the Temporal UI; then look at the connection, and repeat the request with the same Idempotency-Key.',
    5,
  ),
  /** Every run that accepted the verb ended before it had completed it. */
  verbLost: unavailable(
    'verb_not_served',
    'The connection was restarted again and again while it served the request, which may still be carried out.',
    'Look at the connection, then repeat the request with the same Idempotency-Key.',
    5,
  ),
  stuck: unavailable(
    'connection_stuck',
    'The workflow of this connection fails again and again, and takes no request. What is stored of it is not affected.',
    'GET the connection says why. Deploy a worker that can go on, or reset it: temporal workflow reset --workflow-id con_… --type LastWorkflowTask.',
    60,
  ),
  /** The workflow is of a version that has another handler, or none. */
  notServed: unavailable(
    'verb_not_served',
    'The connection did not serve the request, for a reason that this version of the API does not know.',
    'Deploy the same version of API and worker; the log has the reason under the requestId.',
  ),
  tooManyInFlight: (cause: unknown) =>
    new ApiProblem({
      status: 429,
      code: 'too_many_requests_in_flight',
      message: 'Too many requests for this connection, or for Temporal as a whole, are in flight.',
      remedy: 'Wait for the answers to those, then try again.',
      details: { retryAfterSeconds: 2 },
      cause,
    }),
  overtaken: unavailable(
    'temporal_conflict',
    'Another request to Temporal came in between.',
    'Repeat the request with the same Idempotency-Key.',
    1,
  ),
  notInThisState: unavailable(
    'temporal_precondition_failed',
    'Temporal cannot do this in its present state, or in that of the workflow.',
    'The log has its own words under the requestId. Look at the connection in the Temporal UI, then repeat the request.',
    5,
  ),
  notTaken: unavailable(
    'temporal_request_refused',
    'Temporal does not take what Mooring asks of it.',
    'The log has its own words under the requestId. Check that the server is of the version that docker-compose.yml names, or newer.',
  ),
  tooOld: unavailable(
    'temporal_too_old',
    'This Temporal server does not have a function that Mooring needs.',
    'Upgrade the server to the version that docker-compose.yml names, or a newer one.',
  ),
  failed: unavailable(
    'temporal_failed',
    'Temporal met an error of its own.',
    'Repeat the request with the same Idempotency-Key; if it persists, the log of the server says more.',
    5,
  ),
  dataLost: unavailable(
    'temporal_data_lost',
    'Temporal cannot read the history of this connection any more.',
    'Check the database of the server. The stored credential is not affected: GET …/credentials answers from the secret store.',
  ),
  namespaceMissing: unavailable(
    'temporal_namespace_missing',
    'Temporal has no namespace of the name that TEMPORAL_NAMESPACE gives.',
    'Correct TEMPORAL_NAMESPACE, or make it: temporal operator namespace create.',
  ),
  searchAttributesMissing: unavailable(
    'search_attributes_missing',
    "Temporal's namespace lacks search attributes that Mooring writes.",
    'Register them as docs/production.md says: temporal operator search-attribute create.',
  ),
  refused: unavailable(
    'temporal_refused',
    'Temporal refuses the credentials of this process.',
    'Check TEMPORAL_API_KEY, its expiry, and its rights in the namespace.',
  ),
} as const;
