# syntax=docker/dockerfile:1
# The service in a container. NOT TESTED: written where no container engine was at hand.

FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
# The caches of cargo outlive the layer; the binary must not stay in one.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked && cp target/release/clinic-auth /clinic-auth

FROM debian:bookworm-slim
# Certificates for MongoDB and SMTP over TLS; curl for the health check.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/clinic-auth --create-home --shell /usr/sbin/nologin clinic
COPY --from=build /clinic-auth /usr/local/bin/clinic-auth
USER clinic
# data/ is made here: the embedded store, a developer's secret and outbox. With MongoDB and SMTP nothing is written.
WORKDIR /var/lib/clinic-auth
VOLUME /var/lib/clinic-auth
EXPOSE 5001
# Ready, not merely alive: indexes stand and the database answers.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD curl --fail --silent --output /dev/null "http://127.0.0.1:${PORT:-5001}/health/ready"
# One process that handles SIGTERM itself; running requests have 20 seconds (service.shutdown_seconds).
STOPSIGNAL SIGTERM
ENTRYPOINT ["clinic-auth"]
CMD ["serve"]
