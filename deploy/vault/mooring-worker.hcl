# What Mooring's worker may do in Vault. setup.sh applies it, with "mooring/" replaced where the mount has another name.
#
# The worker carries a credential from gate to gate. "data" holds the versions; deleting "metadata" is what destroys
# a key with all of them. The three gates are listed to find what no workflow looks after any more. The worker has no
# part in tenants and API keys.

# What renews a credential, what is handed out of it, and what a lost connection is started again from.
path "mooring/data/live/+/renewal" {
  capabilities = ["create", "read", "update"]
}
path "mooring/data/live/+/access" {
  capabilities = ["create", "read", "update"]
}
path "mooring/data/live/+/about" {
  capabilities = ["create", "read", "update"]
}
path "mooring/metadata/live/+/renewal" {
  capabilities = ["delete"]
}
path "mooring/metadata/live/+/access" {
  capabilities = ["delete"]
}
path "mooring/metadata/live/+/about" {
  capabilities = ["delete"]
}
path "mooring/metadata/live/" {
  capabilities = ["list"]
}
path "mooring/metadata/live/+/" {
  capabilities = ["list"]
}

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

# The record of a connection that ends, and replies of its cloud that came too late for it.
path "mooring/data/revoking/+/+" {
  capabilities = ["create", "read", "update"]
}
path "mooring/metadata/revoking/+/+" {
  capabilities = ["delete"]
}
path "mooring/metadata/revoking/" {
  capabilities = ["list"]
}
path "mooring/metadata/revoking/+/" {
  capabilities = ["list"]
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
# The Temporal namespace that the connections live in: written once, so that no worker of another one takes them for
# lost.
path "mooring/data/config/namespace" {
  capabilities = ["create", "read"]
}

# The key of the digests that connections are searched by: made once.
path "mooring/data/config/search-key" {
  capabilities = ["create", "read"]
}

# Which providers are paused.
path "mooring/data/config/providers/*" {
  capabilities = ["read"]
}

# Where webhooks go, with the secrets that sign them; the worker notes there how deliveries go.
path "mooring/data/config/webhooks/+/+" {
  capabilities = ["read", "update"]
}
path "mooring/metadata/config/webhooks/+/" {
  capabilities = ["list"]
}

# Its own token; Vault's "default" policy, which would allow much more, is not attached.
path "auth/token/renew-self" {
  capabilities = ["update"]
}
path "auth/token/revoke-self" {
  capabilities = ["update"]
}
