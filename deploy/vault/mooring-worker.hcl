# What Mooring's worker may do in Vault. setup.sh applies it, with "mooring/" replaced where the mount has another name.
#
# The worker carries a credential from gate to gate. "data" holds the versions; deleting "metadata" is what destroys
# a key with all of them. It can't list what is live, and it has no part in tenants and API keys.

path "mooring/data/live/*" {
  capabilities = ["create", "read", "update"]
}
path "mooring/metadata/live/*" {
  capabilities = ["delete"]
}

# Listed to find everything that a connection left here.
path "mooring/data/pending/*" {
  capabilities = ["create", "read", "update"]
}
path "mooring/metadata/pending/*" {
  capabilities = ["list", "delete"]
}
# Keys that were needed once are dropped from a submission, and so must its older versions be.
path "mooring/destroy/pending/*" {
  capabilities = ["update"]
}

path "mooring/data/revoking/*" {
  capabilities = ["create", "read", "update"]
}
path "mooring/metadata/revoking/*" {
  capabilities = ["delete"]
}

# Taken with check-and-set, read to see whose it is, emptied by the last connection that gives it up; never destroyed.
path "mooring/data/claims/*" {
  capabilities = ["create", "read", "update"]
}

# Written again when the activity is repeated; never destroyed.
path "mooring/data/tombstones/*" {
  capabilities = ["create", "read", "update"]
}

# Proves that all processes share one key ring; "update" marks what a rotation changes. `npm run key -- retire` uses it too.
path "mooring/data/config/key-check" {
  capabilities = ["create", "read", "update"]
}

# Which providers are paused.
path "mooring/data/config/providers/*" {
  capabilities = ["read"]
}

# Its own token; Vault's "default" policy, which would allow much more, is not attached.
path "auth/token/renew-self" {
  capabilities = ["update"]
}
path "auth/token/revoke-self" {
  capabilities = ["update"]
}
