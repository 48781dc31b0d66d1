#!/bin/sh
# Prepares Vault with deploy/vault/setup.sh and writes what api and worker sign in with to deploy/secrets/, where
# docker-compose.yml looks for it. Run again, it makes new credentials; the old ones stay valid until destroyed.
set -eu

: "${VAULT_TOKEN:?is not set: docker compose run --rm -e VAULT_TOKEN vault-setup}"

umask 077
sh /deploy/vault/setup.sh
for process in api worker; do
  sh /deploy/vault/setup.sh credentials "$process" >"/deploy/secrets/$process.env"
done
# Compose reads these files as the person who runs it, not as this container's root.
chown "$(stat -c %u:%g /deploy/secrets)" /deploy/secrets/*.env
echo 'Wrote deploy/secrets/api.env and deploy/secrets/worker.env.'
