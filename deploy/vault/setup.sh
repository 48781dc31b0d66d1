#!/bin/sh
# Prepares a Vault for Mooring: its mount, its policies, one AppRole for each process. Does nothing that is already
# done, and puts right what was changed, so it can be run at every upgrade.
#
#   setup.sh                       mount, policies, roles
#   setup.sh credentials api       prints VAULT_ROLE_ID and a new VAULT_SECRET_ID for the API, as lines of an
#   setup.sh credentials worker    environment file; the same for the worker
#
# The API may make and revoke API keys, unless VAULT_KEYS_BY_API=false, and list and change tenants, unless
# VAULT_TENANTS_BY_API=false; README.md says what that means.
#
# Needs the `vault` program, VAULT_ADDR, a VAULT_TOKEN that may do all this (never given to Mooring), and
# VAULT_NAMESPACE where there are namespaces. VAULT_MOUNT (default "mooring") names the mount; policies and roles are
# named after it. Two more settings, to be the same at every run:
#
#   VAULT_SECRET_ID_TTL   how long a secret id that is made from now on can be used, e.g. 2160h; 0 = for ever; default 8760h
#   VAULT_BOUND_CIDRS     from which addresses API and worker may log in and use their tokens, e.g. 10.1.2.0/24,10.1.3.7/32;
#                         default: from any
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
# A year. One that nobody remembers, in a backup or on an old machine, ends by itself. Shorter is better where a machine
# renews it: when it has ended, the process works on until its token ends, and then not at all.
secret_id_ttl=${VAULT_SECRET_ID_TTL:-8760h}
bound_cidrs=${VAULT_BOUND_CIDRS:-}
# Vault's own, in seconds: 32 days.
LONGEST_LEASE_BY_DEFAULT=2764800

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

# The policies of a process's role.
policies_of() {
  printf %s "$name-$1"
  [ "$1" = api ] || return 0
  [ "${VAULT_KEYS_BY_API:-true}" = false ] || printf %s ",$name-api-keys"
  [ "${VAULT_TENANTS_BY_API:-true}" = false ] || printf %s ",$name-tenants"
}

apply_role() {
  vault write "auth/approle/role/$name-$1" \
    token_policies="$(policies_of "$1")" token_no_default_policy=true \
    token_type=service token_ttl=$TOKEN_TTL token_max_ttl=$TOKEN_MAX_TTL token_bound_cidrs="$bound_cidrs" \
    bind_secret_id=true secret_id_ttl="$secret_id_ttl" secret_id_num_uses=0 secret_id_bound_cidrs="$bound_cidrs" >/dev/null
}

# Of a duration as Vault takes it: 3600, 3600s, 60m, 1h or 1d.
seconds_of() {
  printf %s "$1" | grep -Eqx '[0-9]+[smhd]?' || fail "VAULT_SECRET_ID_TTL is \"$1\": give a whole number with s, m, h or d."
  case $1 in
    *d) echo $((${1%d} * 86400)) ;;
    *h) echo $((${1%h} * 3600)) ;;
    *m) echo $((${1%m} * 60)) ;;
    *) echo "${1%s}" ;;
  esac
}

# Vault ends a secret id as early as the longest lease of the AppRole mount, whatever its role says, and doesn't tell.
check_longest_lease() {
  allowed=$(vault read -field=max_lease_ttl sys/auth/approle/tune)
  [ "$ttl_seconds" -le "$allowed" ] ||
    fail "Secret ids would end after $allowed s instead of $secret_id_ttl: it is the longest lease of auth/approle/. Run this, then setup.sh again: vault auth tune -max-lease-ttl=${ttl_seconds}s approle/ (roles of others without a token_max_ttl get longer tokens by it). Or give VAULT_SECRET_ID_TTL a shorter time."
}

enable_approle() {
  longest=$LONGEST_LEASE_BY_DEFAULT
  [ "$ttl_seconds" -le "$longest" ] || longest=$ttl_seconds
  vault auth enable -max-lease-ttl="${longest}s" approle >/dev/null
}

prepare() {
  ttl_seconds=$(seconds_of "$secret_id_ttl")
  case $(mount_version) in
    2) ;;
    '') vault secrets enable -path="$mount" -version=2 -description='Mooring: credentials by gate' kv >/dev/null ;;
    *) fail "$mount/ is a KV version 1 mount. Mooring needs check-and-set: give VAULT_MOUNT another name, or upgrade it with: vault kv enable-versioning $mount" ;;
  esac
  set_max_versions
  # Another set-up may have enabled it in between.
  has_approle || enable_approle || has_approle
  check_longest_lease
  for policy in api api-keys tenants worker operator; do apply_policy "$policy"; done
  for process in api worker; do apply_role "$process"; done
  echo "Vault at $VAULT_ADDR is ready: mount $mount/, roles $name-api and $name-worker, policies of the same names and $name-operator."
}

# The day, so many seconds from now: GNU and BusyBox, else BSD.
day_in() {
  at=$(($(date +%s) + $1))
  date -u -d "@$at" +%F 2>/dev/null || date -u -r "$at" +%F
}

print_credentials() {
  role="auth/approle/role/$name-$1"
  role_id=$(vault read -field=role_id "$role/role-id")
  made=$(vault write -f -format=json "$role/secret-id")
  secret_id=$(printf %s "$made" | sed -n 's/.*"secret_id": "\([^"]*\)".*/\1/p')
  ttl=$(printf %s "$made" | sed -n 's/.*"secret_id_ttl": \([0-9]*\).*/\1/p')
  [ -n "$secret_id" ] || fail "Vault's answer about a secret id of $name-$1 has no secret id in it."
  echo "VAULT_ROLE_ID=$role_id"
  if [ "${ttl:-0}" -gt 0 ]; then echo "# Ends on $(day_in "$ttl"). Make another before that day."; fi
  echo "VAULT_SECRET_ID=$secret_id"
}

case "${1:-prepare} ${2:-}" in
  'prepare ') prepare ;;
  'credentials api' | 'credentials worker') print_credentials "$2" ;;
  *) fail 'Usage: setup.sh [credentials api | credentials worker]' ;;
esac
