#!/bin/sh
# Starts Temporal's server. The entrypoint of its image writes the configuration beside its template, and the image is
# read-only here; this writes it to /run/temporal, which is in memory. The rest is as there.
set -eu

# The address that the server's parts find each other at, because it listens on all of them.
own_address=$(getent hosts "$(hostname)" | awk '{ print $1; exit }')
export TEMPORAL_BROADCAST_ADDRESS="${TEMPORAL_BROADCAST_ADDRESS:-$own_address}"

dockerize -template /etc/temporal/config/config_template.yaml:/run/temporal/docker.yaml
exec temporal-server --root /run/temporal --config . --env docker start
