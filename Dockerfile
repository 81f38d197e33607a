# tweetbench in a container: the UI, and every command, as a user without rights. `make dist` first.
# Another base is chosen with --build-arg BASE=...; it needs Python 3.11 or newer with venv.
ARG BASE=python:3.13-slim-bookworm
FROM ${BASE}
ARG PIP_OPTIONS=""
# The packages are a layer of their own: an update of tweetbench that needs the same ones installs the wheel alone.
COPY requirements.lock requirements-server.lock /tmp/locks/
RUN python3 -m venv /opt/tweetbench \
 && /opt/tweetbench/bin/pip install --no-cache-dir --require-hashes ${PIP_OPTIONS} -r /tmp/locks/requirements.lock \
 && /opt/tweetbench/bin/pip install --no-cache-dir --require-hashes --no-deps ${PIP_OPTIONS} \
    -r /tmp/locks/requirements-server.lock \
 && rm -rf /tmp/locks \
 && useradd --uid 10001 --create-home --home-dir /data --shell /usr/sbin/nologin tweetbench
COPY dist/*.whl /tmp/wheel/
RUN /opt/tweetbench/bin/pip install --no-cache-dir --no-deps --no-index /tmp/wheel/*.whl \
 && rm -rf /tmp/wheel
ENV PATH=/opt/tweetbench/bin:$PATH TWEETBENCH_DATA_DIR=/data/data DAGSTER_HOME=/data/data/dagster
USER tweetbench
WORKDIR /data
VOLUME /data
EXPOSE 3000
# Whether the UI answers; 401 means that it asks for its password.
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s CMD ["python3", "-c", "import http.client; c = http.client.HTTPConnection('127.0.0.1', 3000, timeout=8); c.request('GET', '/'); raise SystemExit(c.getresponse().status not in (200, 401))"]
ENTRYPOINT ["tweetbench"]
# Beyond the container it asks for TWEETBENCH_UI_PASSWORD.
CMD ["ui", "--host", "0.0.0.0"]
