# syntax=docker/dockerfile:1

# The server alone: one static binary, the certificates that it trusts, and a folder for its state.
#
#   docker build -t ticketing-mcp .
#   docker run -p 3100:3100 -e MCP_API_KEY -e TICKITI_API_BASE -e TICKITI_API_TOKEN ticketing-mcp

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
# Such as `--build-arg FEATURES=otlp`.
ARG FEATURES=
# Statically linked glibc: its name lookup and allocator are the same as outside a container. The flag is for the binary
# alone; procedural macros, which the compiler loads, are built as ever.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo rustc --release --locked --package mcp-server --features "$FEATURES" --bin ticketing-mcp -- -C target-feature=+crt-static \
    && install -D target/release/ticketing-mcp /image/ticketing-mcp
# What a scratch image lacks: a folder that the server may write, and one for temporary files (`--sandbox`, `demo`).
RUN install -d -m 0700 /image/state && install -d -m 1777 /image/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /image/ticketing-mcp /ticketing-mcp
COPY --from=build --chown=65532:65532 /image/state /state
COPY --from=build --chown=65532:65532 /image/tmp /tmp
USER 65532:65532
# Settings and not flags, so that they hold for other commands and flags too. A key is wanted beyond loopback.
ENV MCP_TRANSPORT=http \
    TICKETING_MCP_BIND=0.0.0.0 \
    TICKETING_MCP_STATE=/state
VOLUME /state
EXPOSE 3100
# Only whether the process lives: a back end that is away is no reason to end it. Readiness is at /readyz.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["/ticketing-mcp", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/ticketing-mcp"]
CMD ["serve"]
