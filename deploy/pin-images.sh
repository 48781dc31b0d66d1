#!/bin/sh
# Writes deploy/images.lock.yaml: every image of docker-compose.yml, and the Node that ours are built on, by digest. A tag
# can be moved to another image; a digest can't. Needs docker with compose and buildx, the filled-in .env, and a way to the
# registries. Run it again after each change of a tag, and read the difference before you take it.
#
# The file counts once .env has: COMPOSE_FILE=docker-compose.yml:deploy/images.lock.yaml
set -eu

cd "$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/.."
lock=deploy/images.lock.yaml
new=$lock.new
trap 'rm -f "$new"' EXIT

fail() {
  echo "$1" >&2
  exit 1
}

# The image with the digest that its tag has now. A digest that it has already is looked up anew, by its tag.
pinned() {
  image=${1%@*}
  digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$image") ||
    fail "$image cannot be looked up; the registry's answer stands above. $lock is as it was."
  printf %s "$digest" | grep -Eqx 'sha256:[0-9a-f]{64}' || fail "$image has no digest: \"$digest\". $lock is as it was."
  printf '%s@%s' "$image" "$digest"
}

# Service and image, a pair a line. What Compose prints holds the secrets of .env, so it goes through this pipe alone.
pairs=$(docker compose --profile setup config | awk '
  /^[a-z]/ { inside = ($0 == "services:") }
  inside && /^  [^ ].*:$/ { service = substr($1, 1, length($1) - 1) }
  inside && /^    image: / { print service, $2 }')
[ -n "$pairs" ] || fail 'docker compose config names no image; its own words stand above.'

base() { sed -n "s/^ARG $1=//p" Dockerfile | sed "s/\${NODE_VERSION}/$node_version/"; }
node_version=$(sed -n 's/^ARG NODE_VERSION=//p' Dockerfile)
node=$(pinned "$(base NODE_IMAGE)")
slim=$(pinned "$(base NODE_SLIM_IMAGE)")

{
  echo "# Made by deploy/pin-images.sh."
  echo 'services:'
} >"$new"
echo "$pairs" | while read -r service image; do
  case $service in
    # Built here, from the two images above.
    api | worker) entry=$(printf 'build:\n      args:\n        NODE_IMAGE: %s\n        NODE_SLIM_IMAGE: %s' "$node" "$slim") ;;
    *) entry="image: $(pinned "$image")" ;;
  esac
  printf '  %s:\n    %s\n' "$service" "$entry"
done >>"$new"
mv "$new" "$lock"
echo "Wrote $lock."
