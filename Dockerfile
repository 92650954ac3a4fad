# Builds the one binary, then puts it alone into a small image. `docker run -p 8080:8080 -v kitchen:/data IMAGE` is
# `kitchen serve` on SQLite; other subcommands follow as arguments.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin kitchen && cp target/release/kitchen /kitchen

# The same Debian as above: a binary needs the C library it was linked with.
FROM debian:bookworm-slim
# Receivers' certificates are judged by the system's list.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home kitchen \
    && install -d -o kitchen -g kitchen -m 700 /data
COPY --from=build /kitchen /usr/local/bin/kitchen
USER kitchen
ENV KITCHEN_DATA_DIR=/data KITCHEN_LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["kitchen", "ready"]
ENTRYPOINT ["kitchen"]
CMD ["serve"]
