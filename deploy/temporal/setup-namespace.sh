#!/bin/sh
# Creates Mooring's namespace and search attributes. Does nothing when all is there.
set -eu

: "${TEMPORAL_ADDRESS:?}" "${TEMPORAL_NAMESPACE:?}" "${TEMPORAL_RETENTION:?}"

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"

# A new namespace is known to every frontend only after its cache was refreshed, a few seconds later.
attempt=0
until temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE" >/tmp/attributes; do
  attempt=$((attempt + 1))
  [ "$attempt" -lt 30 ] || { echo "The namespace $TEMPORAL_NAMESPACE did not become usable within a minute." >&2; exit 1; }
  sleep 2
done

# As contracts/search-attributes.ts has them.
for attribute in \
  MooringTenant=Keyword \
  MooringProvider=Keyword \
  MooringStatus=Keyword \
  MooringAuthMethod=Keyword \
  MooringRegion=Keyword \
  MooringReason=Keyword \
  MooringTags=KeywordList \
  MooringStatusSince=Datetime \
  MooringAccount=Keyword \
  MooringName=KeywordList \
  MooringActBy=Datetime \
  MooringCreatedAt=Datetime; do
  name=${attribute%%=*}
  grep -qw "$name" /tmp/attributes ||
    temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$name" --type "${attribute##*=}"
done
