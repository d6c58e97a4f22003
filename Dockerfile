# Okoshi in a container: small, not root, works on a read-only root file system. State lives in /data only.
#   docker build -t okoshi .
#   docker run --read-only --tmpfs /tmp -v okoshi:/data --env-file okoshi.env okoshi
ARG BASE_IMAGE=python:3.12-slim

FROM ${BASE_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements/runtime.lock requirements/build.lock requirements/
# Behind a package index of your own: --secret id=pip.conf,src=… and, for its CA, --secret id=ca,src=… (docs/container.md).
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf --mount=type=secret,id=ca \
    python3 -m venv /opt/okoshi \
    && /opt/okoshi/bin/pip install --require-hashes -r requirements/runtime.lock \
    && python3 -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes -r requirements/build.lock
COPY pyproject.toml README.md LICENSE ./
COPY connector connector
COPY mappings mappings
# The sandbox is for development and needs packages that a deployment lacks.
RUN rm -rf connector/sandbox \
    && /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
    && /opt/okoshi/bin/pip install --no-deps /dist/*.whl \
    && /opt/okoshi/bin/okoshi config check --project-dir /tmp \
    && /opt/okoshi/bin/python -m pip uninstall --yes --quiet pip setuptools \
    && find /opt/okoshi -name __pycache__ -type d -prune -exec rm -rf {} +

FROM ${BASE_IMAGE}
COPY --from=build /opt/okoshi /opt/okoshi
RUN echo 'okoshi:x:10001:10001::/data:/usr/sbin/nologin' >> /etc/passwd \
    && echo 'okoshi:x:10001:' >> /etc/group \
    && install -d -o 10001 -g 10001 -m 0700 /data
ENV PATH=/opt/okoshi/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=5m --timeout=30s --start-period=2m CMD ["okoshi", "health", "--quiet"]
ENTRYPOINT ["okoshi"]
CMD ["run"]
