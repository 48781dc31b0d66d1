#!/bin/sh
# Prepares Vault with vault/setup.sh and writes what API and worker sign in with to secrets/, where docker-compose.yml
# looks for it; only the owner of that folder can read the files. Run again, it makes new credentials; the old ones stay
# valid until they end or are destroyed.
set -eu

: "${VAULT_TOKEN:?is not set: docker compose run --rm -e VAULT_TOKEN vault-setup}"

umask 077
folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
secrets=$folder/secrets
# A new file in place of the old one: the old one may have been readable for others, and stays whole if this fails.
trap 'rm -f "$secrets"/*.env.new' EXIT

sh "$folder/vault/setup.sh"
for process in api worker; do
  sh "$folder/vault/setup.sh" credentials "$process" >"$secrets/$process.env.new"
done
# Compose reads these files as the person who runs it, not as this container's root.
chown "$(stat -c %u:%g "$secrets")" "$secrets"/*.env.new
for process in api worker; do mv "$secrets/$process.env.new" "$secrets/$process.env"; done
echo 'Wrote deploy/secrets/api.env and deploy/secrets/worker.env.'
