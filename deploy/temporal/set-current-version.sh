#!/bin/sh
# Makes a version of the worker deployment the current one: from then on it gets the tasks of new and of living
# connections. To be run after each deployment of workers that are versioned (WORKER_DEPLOYMENT, WORKER_BUILD_ID):
# without a current version, or with one that no worker has any more, connections stand still.
set -eu

: "${TEMPORAL_ADDRESS:?}" "${TEMPORAL_NAMESPACE:?}" "${WORKER_DEPLOYMENT:?}" "${WORKER_BUILD_ID:?}"

set_current() {
  temporal worker deployment set-current-version --address "$TEMPORAL_ADDRESS" --namespace "$TEMPORAL_NAMESPACE" \
    --deployment-name "$WORKER_DEPLOYMENT" --build-id "$WORKER_BUILD_ID" --yes
}

# Temporal knows a version once its workers poll, on every task queue that the version before it has.
attempt=0
until output="$(set_current 2>&1)"; do
  attempt=$((attempt + 1))
  if [ "$attempt" -ge "${ATTEMPTS:-60}" ]; then
    echo "$output" >&2
    echo "Version $WORKER_BUILD_ID of $WORKER_DEPLOYMENT could not be made current: do its workers run?" >&2
    exit 1
  fi
  sleep 2
done
echo "Version $WORKER_BUILD_ID of $WORKER_DEPLOYMENT is current."
