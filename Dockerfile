# The command in an image of some 40 MB: docker build -t simgan . && docker run --rm -v "$PWD:/data" simgan --help
FROM rust:1.95-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN scripts/static_binary.sh /out

# No shell, no package manager; /tmp and a user without rights.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/simgan /usr/local/bin/simgan
ENV SIMGAN_CACHE_DIR=/tmp/simgan
WORKDIR /data
ENTRYPOINT ["simgan"]
