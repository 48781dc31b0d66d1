# What the API needs besides to list, make and change tenants (/v1/tenants, /v1/tenant). setup.sh gives it to the API's
# role, unless VAULT_TENANTS_BY_API=false; "mooring/" is replaced where the mount has another name.
#
# Who takes over an API process with this policy can change the names and looks that customers trust, where a platform's
# sign-ins lead back to, and quotas, and leave that behind. Without it, tenants are changed in Vault, with the policy
# mooring-operator.

path "mooring/data/config/tenants/*" {
  capabilities      = ["create", "read", "update"]
  denied_parameters = { "version" = [] }
}
path "mooring/metadata/config/tenants/" {
  capabilities = ["list"]
}
