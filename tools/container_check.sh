#!/usr/bin/env bash
# Builds the image and lets it work: `make container-check`. Needs Docker, or buildah and root. BASE and PIP_OPTIONS reach
# the build; VOLUME=FOLDER:/wheels:ro with PIP_OPTIONS='--no-index --find-links /wheels' builds without a network.
set -euo pipefail
cd "$(dirname "$0")/.."
IMAGE=tweetbench-check
SMOKE='
set -e
[ "$(id -un)" = tweetbench ]
if touch /opt/tweetbench/x 2>/dev/null; then echo "the program can be changed by whoever runs it"; exit 1; fi
tweetbench init >/dev/null
printf "platform,handle,date,followers,following\nx,acme,2026-01-05,6000,5900\nx,acme,2026-01-12,6100,5950\n" >/tmp/a.csv
tweetbench ingest /tmp/a.csv >/dev/null
tweetbench run >/dev/null 2>&1
[ "$(tweetbench sql "select follower_count from accounts" --csv | tail -1 | tr -d "\r")" = 6100 ]
# What HEALTHCHECK runs, before the UI is there, while it is, and when it has ended.
if python3 -c "$1" 2>/dev/null; then echo "healthy without a UI"; exit 1; fi
TWEETBENCH_UI_PASSWORD=a-password-for-the-check tweetbench ui --host 0.0.0.0 --port 3917 >/tmp/ui.log 2>&1 &
ui=$!
answer=none
for _ in $(seq 60); do
  answer=$(python3 -c "import http.client; c = http.client.HTTPConnection(\"127.0.0.1\", 3917, timeout=8); c.request(\"GET\", \"/\"); print(c.getresponse().status)" 2>/dev/null) && break
  sleep 2
done
python3 -c "$1"
kill -INT $ui; wait $ui
[ "$answer" = 401 ]
if python3 -c "$1" 2>/dev/null; then echo "healthy after the end of the UI"; exit 1; fi
python3 -c "import dagster_postgres, psycopg2"
echo "container: a file became a published figure, the UI asked for its password, was healthy and ended"
'
HEALTH=$(python3 -c 'import json, re; print(json.loads(re.search(r"HEALTHCHECK.*?CMD (\[.*\])", open("Dockerfile").read())[1])[2])')
HEALTH=${HEALTH/3000/3917}
options=(--build-arg "PIP_OPTIONS=${PIP_OPTIONS:-}")
[ -z "${BASE:-}" ] || options+=(--build-arg "BASE=$BASE")
[ -z "${VOLUME:-}" ] || options+=(--volume "$VOLUME")
if docker info >/dev/null 2>&1; then
  docker build --quiet --tag "$IMAGE" "${options[@]}" .
  docker run --rm --cap-drop ALL --security-opt no-new-privileges --entrypoint sh "$IMAGE" -c "$SMOKE" sh "$HEALTH"
elif command -v buildah >/dev/null && [ "$(id -u)" = 0 ]; then
  export BUILDAH_ISOLATION=chroot
  buildah bud --quiet --format docker --tag "$IMAGE" "${options[@]}" .
  container=$(buildah from "$IMAGE")
  trap 'buildah rm "$container" >/dev/null' EXIT
  buildah run "$container" -- sh -c "$SMOKE" sh "$HEALTH"
else
  echo "skipped: neither a Docker daemon nor buildah as root was found"
fi
