#!/usr/bin/env bash
# Builds the image and lets it work: `make container-check`. Needs Docker, or buildah and root. BASE and PIP_OPTIONS reach
# the build. Where buildah reaches no registry, the base is made from Debian's packages (debootstrap), and the wheels are
# those that pip downloads here; WHEELS=FOLDER keeps them for the next time.
set -euo pipefail
cd "$(dirname "$0")/.."
IMAGE=tweetbench-check
SMOKE=$(cat tools/container_smoke.sh)
HEALTH=$(python3 -c 'import json, re; print(json.loads(re.search(r"HEALTHCHECK.*?CMD (\[.*\])", open("Dockerfile").read())[1])[2])')
HEALTH=${HEALTH/3000/3917}
DEFAULT_BASE=$(sed -n 's/^ARG BASE=//p' Dockerfile)
OWN_BASE=localhost/tweetbench-check-base

folder=$(mktemp -d)
ends=("rm -rf $folder")
end() { for ((i = ${#ends[@]} - 1; i >= 0; i--)); do eval "${ends[i]}" >/dev/null 2>&1 || true; done; }
trap end EXIT

# Debian with Python, as an image.
make_base() {
  echo "no registry gives $DEFAULT_BASE: making a base from Debian's packages (minutes)"
  debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm "$folder/root" >"$folder/base.log" 2>&1 ||
    { tail -5 "$folder/base.log"; exit 1; }
  local made
  made=$(buildah from scratch)
  buildah add --quiet "$made" "$folder/root" / >/dev/null
  buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$made"
  buildah commit --quiet --rm "$made" "$OWN_BASE" >/dev/null
  rm -rf "$folder/root"
}

# Starts a PostgreSQL of this machine for the daemon, which the container reaches because it shares the network. HISTORY
# is its address.
start_history() {
  local programs=("$(compgen -G '/usr/lib/postgresql/*/bin' | tail -1)") data=$folder/history port
  [ -n "${programs[0]}" ] && id postgres >/dev/null 2>&1 || return 1
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  chmod 711 "$folder" && install -d -o postgres "$data"
  (umask 077 && head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$data/../password") && chown postgres "$folder/password"
  ends+=("runuser -u postgres -- ${programs[0]}/pg_ctl -D $data -m immediate stop")
  (cd / && runuser -u postgres -- "${programs[0]}/initdb" -D "$data" -U dagster -A scram-sha-256 --pwfile="$folder/password" \
    --locale=C --encoding=UTF8 && runuser -u postgres -- "${programs[0]}/pg_ctl" -D "$data" -w -l "$data/log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=" start) >"$folder/history.log" 2>&1 ||
    { cat "$folder/history.log" >&2; return 1; }
  HISTORY="postgresql://dagster:$(cat "$folder/password")@127.0.0.1:$port/postgres"
}

options=()
[ -z "${BASE:-}" ] || options+=(--build-arg "BASE=$BASE")
if docker info >/dev/null 2>&1; then
  docker build --quiet --tag "$IMAGE" "${options[@]}" --build-arg "PIP_OPTIONS=${PIP_OPTIONS:-}" .
  volume=$(docker volume create)
  ends+=("docker volume rm $volume")
  inside() {
    docker run --rm --cap-drop ALL --security-opt no-new-privileges --volume "$volume:/data" --entrypoint sh "$IMAGE" \
      -c "$SMOKE" sh "$@"
  }
  inside work "$HEALTH"
  inside again
  echo "not shown: the daemon and compose.yaml; docker compose up starts both"
elif command -v buildah >/dev/null && [ "$(id -u)" = 0 ]; then
  export BUILDAH_ISOLATION=chroot
  if [ -z "${BASE:-}" ] && ! buildah pull --quiet "$DEFAULT_BASE" >/dev/null 2>&1; then
    buildah inspect --type image "$OWN_BASE" >/dev/null 2>&1 || make_base
    options+=(--build-arg "BASE=$OWN_BASE")
    WHEELS=$(realpath -m "${WHEELS:-$folder/wheels}")
    .venv/bin/python -m pip download -qq --dest "$WHEELS" --require-hashes --find-links "$WHEELS" -r requirements.lock
    .venv/bin/python -m pip download -qq --dest "$WHEELS" --require-hashes --no-deps --find-links "$WHEELS" \
      -r requirements-server.lock
    PIP_OPTIONS='--no-index --find-links /wheels'
    options+=(--volume "$WHEELS:/wheels:ro")
  fi
  buildah bud --layers --quiet --format docker --tag "$IMAGE" "${options[@]}" --build-arg "PIP_OPTIONS=${PIP_OPTIONS:-}" .
  install -d -o 10001 -g 10001 "$folder/volume"
  chmod 711 "$folder"
  # Each time another container of the image, on the same volume.
  inside() {
    local container code=0
    container=$(buildah from "$IMAGE")
    ends+=("buildah rm $container")
    # Or buildah mounts a volume of the container's own there, whatever is asked for.
    buildah config --volume /data- "$container"
    buildah run --volume "$folder/volume:/data" ${HISTORY:+--env "TWEETBENCH_DAGSTER_POSTGRES_URL=$HISTORY"} "$container" -- \
      sh -c "$SMOKE" sh "$@" || code=$?
    buildah rm "$container" >/dev/null
    return $code
  }
  inside work "$HEALTH"
  inside again
  if start_history; then
    inside daemon "$HEALTH"
  else
    echo "not shown: the daemon; this machine has no PostgreSQL for its history"
  fi
  echo "not shown: compose.yaml, the timer of HEALTHCHECK and dropped capabilities; buildah has none of them, Docker has"
  [ ${#options[@]} = 0 ] || echo "not shown: the default base, $DEFAULT_BASE; built on ${BASE:-$OWN_BASE}"
else
  echo "skipped: neither a Docker daemon nor buildah as root was found"
fi
