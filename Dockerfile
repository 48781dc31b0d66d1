# syntax=docker/dockerfile:1

# Two images from one file: `--target api` and `--target worker`.
# Debian, never Alpine: Temporal's native core has no musl build.
ARG NODE_VERSION=24.22.3
# deploy/pin-images.sh gives both by digest.
ARG NODE_IMAGE=node:${NODE_VERSION}-bookworm
ARG NODE_SLIM_IMAGE=node:${NODE_VERSION}-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/var/cache/npm npm ci --cache /var/cache/npm
COPY tsconfig.json tsconfig.build.json tsconfig.client.json ./
COPY contracts contracts
COPY platform platform
COPY stores stores
COPY providers providers
COPY workflows workflows
COPY activities activities
COPY api api
COPY worker worker
COPY cli cli
COPY scripts scripts
RUN node --experimental-strip-types scripts/build.ts

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/var/cache/npm npm ci --cache /var/cache/npm --omit=dev
# The image brings its own Node, and one of Temporal's native cores: the other platforms' take 30 MB each.
RUN rm -rf node_modules/node-linux-* \
  && keep="$(uname -m)-unknown-linux-gnu" \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$keep" -exec rm -rf {} + \
  && test -f "node_modules/@temporalio/core-bridge/releases/$keep/index.node"

# The ovhcloud program, from OVHcloud's own releases. Without a checksum nothing is downloaded, and discovery lists
# resources over the REST API instead.
FROM ${NODE_IMAGE} AS ovhcloud
ARG OVHCLOUD_VERSION=0.5.0
ARG OVHCLOUD_SHA256=""
ARG TARGETARCH
RUN mkdir -p /out \
  && if [ -z "$OVHCLOUD_SHA256" ]; then \
       echo "OVHCLOUD_SHA256 is not set: the image gets no ovhcloud program." >&2; exit 0; \
     fi \
  && case "$TARGETARCH" in amd64) arch=x86_64 ;; *) arch="$TARGETARCH" ;; esac \
  && curl -fsSL -o /tmp/ovhcloud.tar.gz \
       "https://github.com/ovh/ovhcloud-cli/releases/download/v${OVHCLOUD_VERSION}/ovhcloud-cli_Linux_${arch}.tar.gz" \
  && echo "$OVHCLOUD_SHA256  /tmp/ovhcloud.tar.gz" | sha256sum --check --strict \
  && tar -xzf /tmp/ovhcloud.tar.gz -C /out ovhcloud \
  && chmod 0755 /out/ovhcloud

FROM ${NODE_SLIM_IMAGE} AS runtime
ENV NODE_ENV=production HOST=0.0.0.0
ENV NODE_OPTIONS="--enable-source-maps --disable-warning=ExperimentalWarning"
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY deploy/healthcheck.mjs healthcheck.mjs
# The mooring program: docker exec, or `docker run … mooring status`.
COPY scripts/mooring.mjs scripts/mooring.mjs
RUN ln -s /app/scripts/mooring.mjs /usr/local/bin/mooring
USER node

FROM runtime AS api
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "healthcheck.mjs", "http://127.0.0.1:5000/healthz"]
CMD ["node", "dist/api/main.js"]

FROM runtime AS worker
COPY --from=ovhcloud /out/ /usr/local/bin/
EXPOSE 5001
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["node", "healthcheck.mjs", "http://127.0.0.1:5001/healthz"]
CMD ["node", "dist/worker/main.js"]
