# clika with PyTorch and transformers: training and asking models, and all that the scoring image does.
# `make images` builds it; by hand:
#
#   make wheel
#   docker build --file containers/inference.Dockerfile --tag clika-inference .
#
# It differs from scoring.Dockerfile in its locks, its names and what it asks of a GPU's runtime. With
# IMAGE=legacy the locks of clika-legacy lie over its own: an older transformers, for models whose own code
# needs it, beside the same PyTorch, whose layer the two share.
ARG BASE=debian:bookworm-slim
ARG IMAGE=inference

FROM ${BASE} AS uv
RUN --mount=type=tmpfs,target=/tmp --mount=type=tmpfs,target=/mnt \
    --mount=type=bind,source=containers/install.sh,target=/mnt/install.sh \
    --mount=type=bind,source=locks/bootstrap.txt,target=/mnt/locks/bootstrap.txt \
    --mount=type=cache,target=/mnt/cache \
    --mount=type=secret,id=ca,target=/mnt/ca.crt \
    sh /mnt/install.sh uv

FROM ${BASE} AS inference
RUN --mount=type=tmpfs,target=/tmp --mount=type=tmpfs,target=/mnt \
    --mount=type=bind,source=containers/install.sh,target=/mnt/install.sh \
    --mount=type=bind,source=locks,target=/mnt/locks \
    --mount=type=bind,from=uv,source=/opt/uv,target=/mnt/uv \
    --mount=type=cache,target=/mnt/cache \
    --mount=type=secret,id=ca,target=/mnt/ca.crt \
    sh /mnt/install.sh locks inference
LABEL org.opencontainers.image.description="Cross-lingual knowledge alignment of language models: training, inference and scoring"

FROM inference AS legacy
RUN --mount=type=tmpfs,target=/tmp --mount=type=tmpfs,target=/mnt \
    --mount=type=bind,source=containers/install.sh,target=/mnt/install.sh \
    --mount=type=bind,source=locks,target=/mnt/locks \
    --mount=type=bind,from=uv,source=/opt/uv,target=/mnt/uv \
    --mount=type=cache,target=/mnt/cache \
    --mount=type=secret,id=ca,target=/mnt/ca.crt \
    sh /mnt/install.sh locks legacy
LABEL org.opencontainers.image.description="Cross-lingual knowledge alignment of language models: inference of models whose code needs an older transformers"

FROM ${IMAGE}
ARG IMAGE
ARG VERSION=unknown
ARG REVISION=unknown
ARG SOURCE_DATE_EPOCH
RUN --mount=type=tmpfs,target=/tmp --mount=type=tmpfs,target=/mnt \
    --mount=type=bind,source=containers/install.sh,target=/mnt/install.sh \
    --mount=type=bind,source=dist,target=/mnt/dist \
    --mount=type=bind,from=uv,source=/opt/uv,target=/mnt/uv \
    sh /mnt/install.sh clika "${IMAGE}" "${REVISION}"

# Any user may run it, with nothing writable but /tmp and what is mounted at /work. A user id that the
# image does not know has no name and no home, so both are given; no package of a host's home is used.
ENV PATH=/opt/clika/bin:$PATH \
    USER=clika \
    HOME=/tmp \
    XDG_CACHE_HOME=/tmp/.cache \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONNOUSERSITE=1 \
    HF_HUB_OFFLINE=1 \
    HF_HUB_DISABLE_TELEMETRY=1 \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
ARG BASE
LABEL org.opencontainers.image.title=clika-${IMAGE} \
    org.opencontainers.image.version=${VERSION} \
    org.opencontainers.image.revision=${REVISION} \
    org.opencontainers.image.licenses=Apache-2.0 \
    org.opencontainers.image.base.name=${BASE}
USER 10001:10001
WORKDIR /work
ENTRYPOINT ["clika"]
CMD ["--help"]
