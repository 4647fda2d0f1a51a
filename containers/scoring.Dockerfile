# clika for scoring, reports and verdicts: no PyTorch, no GPU. `make images` builds it; by hand:
#
#   make wheel
#   docker build --file containers/scoring.Dockerfile --tag clika-scoring .
#
# Behind a proxy that ends TLS, the host's CA bundle is lent to the build and stays out of the image:
# --secret id=ca,src=/etc/ssl/certs/ca-certificates.crt
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS uv
RUN --mount=type=tmpfs,target=/tmp --mount=type=tmpfs,target=/mnt \
    --mount=type=bind,source=containers/install.sh,target=/mnt/install.sh \
    --mount=type=bind,source=locks/bootstrap.txt,target=/mnt/locks/bootstrap.txt \
    --mount=type=cache,target=/mnt/cache \
    --mount=type=secret,id=ca,target=/mnt/ca.crt \
    sh /mnt/install.sh uv

FROM ${BASE}
RUN --mount=type=tmpfs,target=/tmp --mount=type=tmpfs,target=/mnt \
    --mount=type=bind,source=containers/install.sh,target=/mnt/install.sh \
    --mount=type=bind,source=locks,target=/mnt/locks \
    --mount=type=bind,from=uv,source=/opt/uv,target=/mnt/uv \
    --mount=type=cache,target=/mnt/cache \
    --mount=type=secret,id=ca,target=/mnt/ca.crt \
    sh /mnt/install.sh locks scoring

ARG VERSION=unknown
ARG REVISION=unknown
ARG SOURCE_DATE_EPOCH
RUN --mount=type=tmpfs,target=/tmp --mount=type=tmpfs,target=/mnt \
    --mount=type=bind,source=containers/install.sh,target=/mnt/install.sh \
    --mount=type=bind,source=dist,target=/mnt/dist \
    --mount=type=bind,from=uv,source=/opt/uv,target=/mnt/uv \
    sh /mnt/install.sh clika scoring "${REVISION}"

# Any user may run it, with nothing writable but /tmp and what is mounted at /work. A user id that the
# image does not know has no name and no home, so both are given; no package of a host's home is used.
ENV PATH=/opt/clika/bin:$PATH \
    USER=clika \
    HOME=/tmp \
    XDG_CACHE_HOME=/tmp/.cache \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONNOUSERSITE=1 \
    HF_HUB_OFFLINE=1 \
    HF_HUB_DISABLE_TELEMETRY=1
ARG BASE
LABEL org.opencontainers.image.title=clika-scoring \
    org.opencontainers.image.description="Cross-lingual knowledge alignment of language models: scoring, reports and verdicts" \
    org.opencontainers.image.version=${VERSION} \
    org.opencontainers.image.revision=${REVISION} \
    org.opencontainers.image.licenses=Apache-2.0 \
    org.opencontainers.image.base.name=${BASE}
USER 10001:10001
WORKDIR /work
ENTRYPOINT ["clika"]
CMD ["--help"]
