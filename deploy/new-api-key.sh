#!/bin/sh
# Makes an API key, and its tenant where that is new. Prints the key, once; Vault keeps a hash of it.
#
#   new-api-key.sh [--expires <days>|never] <tenant> <tenant's name, as its customers read it> [scope …]
#   new-api-key.sh [--expires <days>|never] --operator scope …
#
# A key lives for 90 days, unless --expires says otherwise. Scopes of a tenant's key: connections:read connections:write
# credentials:read (these three by default), keys:write, webhooks:read, webhooks:write, and admin, which is all of them.
# Scopes of an operator's key: operator:decode operator:metrics operator:providers operator:keys operator:tenants
# operator:audit operator:system; it reaches no connection of any tenant.
#
# A new tenant confirms the accounts that come in by its links before anything is used, unless its requests say
# otherwise; CONFIRMS_INVITATIONS=false makes one that does not.
#
# Needs the `vault` program, VAULT_ADDR, and a VAULT_TOKEN with the policy mooring-operator. The form is that of
# stores/api-keys.ts and stores/tenants.ts. Once there is a key with keys:write or operator:keys, POST /v1/api-keys
# makes more, and one with operator:tenants makes and changes tenants with /v1/tenants.
set -eu

: "${VAULT_ADDR:?is not set}" "${VAULT_TOKEN:?is not set: a token with the policy mooring-operator}"
config=${VAULT_MOUNT:-mooring}/data/config

fail() {
  echo "$1" >&2
  exit 1
}
usage() {
  fail 'Usage: new-api-key.sh [--expires <days>|never] { <tenant> <name> [scope …] | --operator scope … }'
}

confirms=${CONFIRMS_INVITATIONS:-true}
[ "$confirms" = true ] || [ "$confirms" = false ] || fail "CONFIRMS_INVITATIONS is \"$confirms\": use true or false."

days=90
operator=
while [ $# -gt 0 ]; do
  case $1 in
    --expires)
      [ $# -ge 2 ] || usage
      days=$2
      shift 2
      ;;
    --operator)
      operator=yes
      shift
      ;;
    *) break ;;
  esac
done
printf %s "$days" | grep -Eqx 'never|[1-9][0-9]{0,3}' ||
  fail "\"--expires $days\" is not valid: a number of days up to 9999, or the word never."

if [ -n "$operator" ]; then
  [ $# -ge 1 ] || usage
  kind='an operator'
else
  [ $# -ge 2 ] || usage
  kind='a tenant'
  tenant=$1
  name=$2
  shift 2
  [ $# -gt 0 ] || set -- connections:read connections:write credentials:read
  printf %s "$tenant" | grep -Eqx '[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?' ||
    fail "The tenant \"$tenant\" is not valid: up to 40 of a-z, 0-9 and -, neither first nor last a -."
fi
for scope; do
  case $operator/$scope in
    /connections:read | /connections:write | /credentials:read | /keys:write | /webhooks:read | /webhooks:write | /admin) ;;
    yes/operator:decode | yes/operator:metrics | yes/operator:providers) ;;
    yes/operator:keys | yes/operator:tenants | yes/operator:audit | yes/operator:system) ;;
    *) fail "There is no scope \"$scope\" for the key of $kind; the head of this script lists them." ;;
  esac
done

quoted() { printf '"%s"' "$(printf %s "$1" | sed 's/["\\]/\\&/g')"; }
list() { for item; do printf '%s%s' "${separator-}" "$(quoted "$item")" && separator=,; done; }
random() { head -c "$1" /dev/urandom; }
# The form of GNU and busybox, or that of BSD.
instant() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%S.000Z 2>/dev/null || date -u -r "$1" +%Y-%m-%dT%H:%M:%S.000Z; }
# cas 0: what is there already is never overwritten.
store() { vault write "$config/$1" - >/dev/null; }

if [ -z "$operator" ] && ! vault read "$config/tenants/$tenant" >/dev/null 2>&1; then
  store "tenants/$tenant" <<JSON
{
  "options": { "cas": 0 },
  "data": { "displayName": $(quoted "$name"), "platformRedirectUris": [], "confirmsInvitations": $confirms }
}
JSON
fi

now=$(date +%s)
expires=null
[ "$days" = never ] || expires=$(quoted "$(instant $((now + days * 86400)))")
owner=null
[ -n "$operator" ] || owner=$(quoted "$tenant")
id=$(random 8 | od -An -tx1 | tr -d ' \n')
secret=$(random 32 | base64 | tr -d '=\n' | tr '+/' '-_')
hash=$(printf %s "$secret" | sha256sum | cut -d ' ' -f 1)
store "api-keys/$id" <<JSON
{
  "options": { "cas": 0 },
  "data": {
    "secretSha256": "$hash",
    "tenant": $owner,
    "scopes": [$(list "$@")],
    "name": "made on $(date -u +%Y-%m-%d) by new-api-key.sh",
    "createdAt": "$(instant "$now")",
    "createdBy": null,
    "expiresAt": $expires,
    "allowedAddresses": [],
    "replacedBy": null
  }
}
JSON
echo "mrg_${id}_${secret}"
