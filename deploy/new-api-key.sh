#!/bin/sh
# Makes an API key, and its tenant where that is new. Prints the key, once; Vault keeps a hash of it.
#
#   new-api-key.sh <tenant> <tenant's name, as its customers read it> [scope …]
#
# A new tenant confirms the accounts that come in by its links before anything is used, unless its requests say
# otherwise; CONFIRMS_INVITATIONS=false makes one that does not.
#
# Scopes: connections:read connections:write credentials:read (these three by default) and admin. Needs the `vault`
# program, VAULT_ADDR, and a VAULT_TOKEN with the policy mooring-operator. The form is that of stores/api-keys.ts and
# stores/tenants.ts.
set -eu

: "${VAULT_ADDR:?is not set}" "${VAULT_TOKEN:?is not set: a token with the policy mooring-operator}"
config=${VAULT_MOUNT:-mooring}/data/config

fail() {
  echo "$1" >&2
  exit 1
}

confirms=${CONFIRMS_INVITATIONS:-true}
[ "$confirms" = true ] || [ "$confirms" = false ] || fail "CONFIRMS_INVITATIONS is \"$confirms\": use true or false."
[ $# -ge 2 ] || fail 'Usage: new-api-key.sh <tenant> <name> [scope …]'
tenant=$1
name=$2
shift 2
[ $# -gt 0 ] || set -- connections:read connections:write credentials:read

printf %s "$tenant" | grep -Eqx '[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?' ||
  fail "The tenant \"$tenant\" is not valid: up to 40 of a-z, 0-9 and -, neither first nor last a -."
for scope; do
  case $scope in
    connections:read | connections:write | credentials:read | admin) ;;
    *) fail "There is no scope \"$scope\": use connections:read, connections:write, credentials:read or admin." ;;
  esac
done

quoted() { printf '"%s"' "$(printf %s "$1" | sed 's/["\\]/\\&/g')"; }
list() { for item; do printf '%s%s' "${separator-}" "$(quoted "$item")" && separator=,; done; }
random() { head -c "$1" /dev/urandom; }
# cas 0: what is there already is never overwritten.
store() { vault write "$config/$1" - >/dev/null; }

if ! vault read "$config/tenants/$tenant" >/dev/null 2>&1; then
  store "tenants/$tenant" <<EOF
{
  "options": { "cas": 0 },
  "data": { "displayName": $(quoted "$name"), "platformRedirectUris": [], "confirmsInvitations": $confirms }
}
EOF
fi

id=$(random 8 | od -An -tx1 | tr -d ' \n')
secret=$(random 32 | base64 | tr -d '=\n' | tr '+/' '-_')
hash=$(printf %s "$secret" | sha256sum | cut -d ' ' -f 1)
store "api-keys/$id" <<EOF
{
  "options": { "cas": 0 },
  "data": {
    "secretSha256": "$hash",
    "tenant": "$tenant",
    "scopes": [$(list "$@")],
    "name": "made on $(date -u +%Y-%m-%d) by new-api-key.sh",
    "createdAt": "$(date -u +%Y-%m-%dT%H:%M:%S.000Z)",
    "expiresAt": null
  }
}
EOF
echo "mrg_${id}_${secret}"
