# What the API needs besides to make, rotate and revoke API keys (POST /v1/api-keys). setup.sh gives it to the API's role,
# unless VAULT_KEYS_BY_API=false; "mooring/" is replaced where the mount has another name.
#
# Who takes over an API process with this policy can make keys, which work until they are revoked. Without it, keys are
# made by deploy/new-api-key.sh and revoked in Vault, with the policy mooring-operator.

path "mooring/data/config/api-keys/*" {
  capabilities      = ["create", "read", "update"]
  denied_parameters = { "version" = [] }
}
path "mooring/metadata/config/api-keys/*" {
  capabilities = ["list", "delete"]
}

# The tenant of a first key. What is there already is not changed.
path "mooring/data/config/tenants/*" {
  capabilities      = ["create", "read"]
  denied_parameters = { "version" = [] }
}
