# What Mooring's API may do in Vault. setup.sh applies it, with "mooring/" replaced where the mount has another name.
#
# The API is what the internet talks to. It hands out what is live and takes in what is submitted; it can neither
# change a credential, nor read what renews one, nor read back what is unproven, nor find out which connections there
# are. What it needs to change API keys stands in mooring-api-keys.hcl, and to change tenants in mooring-tenants.hcl. Of
# all that it reads it gets the newest version alone: an older one holds an access token that was replaced, or a key that
# was revoked.

# Credentials as they are handed out. What renews them (live/+/renewal) is the worker's alone.
path "mooring/data/live/+/access" {
  capabilities      = ["read"]
  denied_parameters = { "version" = [] }
}

# What a person submits: put there once, never read back, never overwritten.
path "mooring/data/pending/*" {
  capabilities = ["create"]
}

# Tenants, hashed API keys, the key check.
path "mooring/data/config/*" {
  capabilities      = ["read"]
  denied_parameters = { "version" = [] }
}

# The ids of all API keys: when many unknown keys are presented, they are looked up together.
path "mooring/metadata/config/api-keys/" {
  capabilities = ["list"]
}

# Providers that an operator pauses and resumes through the API. The narrower path counts: "read" must be named again.
path "mooring/data/config/providers/*" {
  capabilities      = ["create", "read", "update"]
  denied_parameters = { "version" = [] }
}

# Where webhooks go, with the secrets that sign them: made, changed and removed by tenants through the API.
path "mooring/data/config/webhooks/+/+" {
  capabilities      = ["create", "read", "update"]
  denied_parameters = { "version" = [] }
}
path "mooring/metadata/config/webhooks/+/+" {
  capabilities = ["delete"]
}
path "mooring/metadata/config/webhooks/+/" {
  capabilities = ["list"]
}

# What was revoked and when.
path "mooring/data/tombstones/*" {
  capabilities      = ["read"]
  denied_parameters = { "version" = [] }
}

# Its own token; Vault's "default" policy, which would allow much more, is not attached.
path "auth/token/renew-self" {
  capabilities = ["update"]
}
path "auth/token/revoke-self" {
  capabilities = ["update"]
}
