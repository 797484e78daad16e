# docker build -t asynclint . && docker run --rm -v "$PWD:/src:ro" asynclint check
FROM python:3.13-slim AS build
COPY . /asynclint
RUN python -m venv /opt/asynclint \
    && /opt/asynclint/bin/pip install --no-cache-dir --disable-pip-version-check --no-compile /asynclint \
    && /opt/asynclint/bin/pip uninstall --yes pip \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/asynclint/lib

FROM python:3.13-slim
COPY --from=build /opt/asynclint /opt/asynclint
RUN useradd --create-home --uid 1000 asynclint
USER asynclint
WORKDIR /src
# The sources may be mounted read-only; the cache is kept out of them.
ENV PATH=/opt/asynclint/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    ASYNCLINT_CACHE_DIR=/home/asynclint/.cache/asynclint
ENTRYPOINT ["asynclint"]
CMD ["check"]
