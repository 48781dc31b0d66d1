#!/bin/sh
# Prepares a Vault for Mooring: its mount, its policies, one AppRole for each process. Does nothing that is already
# done, and puts right what was changed, so it can be run at every upgrade.
#
#   setup.sh                       mount, policies, roles
#   setup.sh credentials api       prints VAULT_ROLE_ID and a new VAULT_SECRET_ID for the API, as lines of an
#   setup.sh credentials worker    environment file; the same for the worker
#
# Needs the `vault` program, VAULT_ADDR, a VAULT_TOKEN that may do all this (never given to Mooring), and
# VAULT_NAMESPACE where there are namespaces. VAULT_MOUNT (default "mooring") names the mount; policies and roles are
# named after it.
#
# Not done here, because it is Vault's own: switch an audit device on (vault audit enable file …).
set -eu

: "${VAULT_ADDR:?is not set: the address of the Vault to prepare}"
mount=${VAULT_MOUNT:-mooring}
mount=${mount%/}
name=$(printf %s "$mount" | tr / -)
folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

# Tokens are short-lived and renewed by the process; one that leaks after its process has gone is worth an hour.
TOKEN_TTL=1h
# However well renewed, a token ends here, and the process logs in anew.
TOKEN_MAX_TTL=24h
# One old version of a key is enough to look into an accident. More would pile up refresh tokens that are spent,
# which some clouds take for theft when they are seen again.
MAX_VERSIONS=2

fail() {
  echo "$1" >&2
  exit 1
}

mount_version() {
  vault read -field=options "sys/mounts/$mount" 2>/dev/null | sed -n 's/.*version:\([0-9]\).*/\1/p'
}

has_approle() {
  vault auth list -format=json | grep -q '"approle/"'
}

# A new mount makes itself ready for a moment.
set_max_versions() {
  attempt=0
  until vault write "$mount/config" max_versions=$MAX_VERSIONS >/dev/null; do
    attempt=$((attempt + 1))
    [ "$attempt" -lt 10 ] || fail "The mount $mount/ does not take its configuration; Vault's answer stands above."
    sleep 1
  done
}

apply_policy() {
  sed "s#^path \"mooring/#path \"$mount/#" "$folder/mooring-$1.hcl" | vault policy write "$name-$1" - >/dev/null
}

# A secret id does not run out by itself: a service that works for years must not stop on the day that a rotation
# was forgotten. Rotate by making a new one, restarting the process with it, and destroying the old one.
apply_role() {
  vault write "auth/approle/role/$name-$1" \
    token_policies="$name-$1" token_no_default_policy=true \
    token_type=service token_ttl=$TOKEN_TTL token_max_ttl=$TOKEN_MAX_TTL \
    bind_secret_id=true secret_id_ttl=0 secret_id_num_uses=0 >/dev/null
}

prepare() {
  case $(mount_version) in
    2) ;;
    '') vault secrets enable -path="$mount" -version=2 -description='Mooring: credentials by gate' kv >/dev/null ;;
    *) fail "$mount/ is a KV version 1 mount. Mooring needs check-and-set: give VAULT_MOUNT another name, or upgrade it with: vault kv enable-versioning $mount" ;;
  esac
  set_max_versions
  # Another set-up may have enabled it in between.
  has_approle || vault auth enable approle >/dev/null || has_approle
  for policy in api worker operator; do apply_policy "$policy"; done
  for process in api worker; do apply_role "$process"; done
  echo "Vault at $VAULT_ADDR is ready: mount $mount/, roles $name-api and $name-worker, policies of the same names and $name-operator."
}

print_credentials() {
  role="auth/approle/role/$name-$1"
  echo "VAULT_ROLE_ID=$(vault read -field=role_id "$role/role-id")"
  echo "VAULT_SECRET_ID=$(vault write -f -field=secret_id "$role/secret-id")"
}

case "${1:-prepare} ${2:-}" in
  'prepare ') prepare ;;
  'credentials api' | 'credentials worker') print_credentials "$2" ;;
  *) fail 'Usage: setup.sh [credentials api | credentials worker]' ;;
esac
