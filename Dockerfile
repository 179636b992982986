# The service in a small image. Build: docker build -t choba . Run: docker run -p 8080:8080 -v choba:/var/lib/choba choba
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked -p choba-cli

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/choba --create-home choba
COPY --from=build /src/target/release/choba /usr/local/bin/choba
USER choba
VOLUME /var/lib/choba
# MALLOC_ARENA_MAX: else each of some thirty threads keeps memory of its own that it rarely gives back.
ENV CHOBA_LISTEN=0.0.0.0:8080 CHOBA_DATA=/var/lib/choba MALLOC_ARENA_MAX=2
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["curl", "-fsS", "http://127.0.0.1:8080/readyz"]
ENTRYPOINT ["choba"]
CMD ["serve"]
