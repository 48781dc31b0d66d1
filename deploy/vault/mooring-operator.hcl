# For the people and pipelines that make tenants and API keys; no running process of Mooring has it. setup.sh applies
# it, with "mooring/" replaced where the mount has another name. Attach it to the way they sign in to Vault.

path "mooring/data/config/tenants/*" {
  capabilities = ["create", "read", "update"]
}
path "mooring/metadata/config/tenants/*" {
  capabilities = ["list", "delete"]
}

path "mooring/data/config/api-keys/*" {
  capabilities = ["create", "read"]
}
path "mooring/metadata/config/api-keys/*" {
  capabilities = ["list", "delete"]
}

# Destroyed when another Temporal namespace replaces the one that the connections live in.
path "mooring/data/config/namespace" {
  capabilities = ["read"]
}
path "mooring/metadata/config/namespace" {
  capabilities = ["delete"]
}

path "auth/token/renew-self" {
  capabilities = ["update"]
}
path "auth/token/revoke-self" {
  capabilities = ["update"]
}
