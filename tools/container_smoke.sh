# What runs inside the container for tools/container_check.sh: `work HEALTH` in a first one, `again` in a second one on the
# same volume, `daemon HEALTH` in a third one, with a PostgreSQL in TWEETBENCH_DAGSTER_POSTGRES_URL. HEALTH is what
# HEALTHCHECK runs.
set -eu
export TWEETBENCH_UI_PASSWORD=a-password-for-the-check
opened=
trap '[ -z "$opened" ] || kill -KILL $opened 2>/dev/null || true' EXIT
shown() { echo "shown: $*"; }
missing() { echo "not as promised: $*" >&2; exit 1; }
published() { tweetbench sql "select follower_count from accounts where handle = 'acme'" --csv | tail -1 | tr -d '\r'; }

# Status of what the UI answers: `ask METHOD PATH [PASSWORD [BODY]]`.
ask() {
  python3 - "$@" <<'PYTHON'
import base64, http.client, sys
method, path, password, body = [*sys.argv[1:], "", ""][:4]
headers = {"Content-Type": "application/json"} if body else {}
if password:
    headers["Authorization"] = "Basic " + base64.b64encode(f"user:{password}".encode()).decode()
connection = http.client.HTTPConnection("127.0.0.1", 3917, timeout=60)
connection.request(method, path, body or None, headers)
answer = connection.getresponse()
text = answer.read().decode()
print(answer.status, "with errors" if '"errors"' in text or '"PythonError"' in text else "")
PYTHON
}

open_ui() {
  tweetbench ui --host 0.0.0.0 --port 3917 "$@" >/tmp/ui.log 2>&1 &
  ui=$! opened="$opened $!"
  for _ in $(seq 90); do ! python3 -c "$HEALTH" 2>/dev/null || return 0; sleep 2; done
  cat /tmp/ui.log
  missing "the UI is not healthy after three minutes"
}

# As a container is stopped.
stop() {
  kill -TERM "$1"
  wait "$1" || { code=$?; cat "$2"; missing "it ended with $code"; }
}

HEALTH=${2:-}
case $1 in
work)
  [ "$(id -un) $(id -u)" = "tweetbench 10001" ] || missing "the user is $(id)"
  grep -q '^CapEff:[[:space:]]*0*$' /proc/self/status || missing "the user has capabilities"
  ! touch /opt/tweetbench/x 2>/dev/null || missing "the program can be changed by whoever runs it"
  shown "user 10001 without rights, who cannot change the program"

  tweetbench init >/dev/null
  printf 'platform,handle,date,followers,following\nx,acme,2026-01-05,6000,5900\nx,acme,2026-01-12,6100,5950\n' >/tmp/a.csv
  tweetbench ingest /tmp/a.csv >/dev/null
  tweetbench run >/tmp/run.log 2>&1 || { cat /tmp/run.log; missing "the run failed"; }
  [ "$(published)" = 6100 ] || missing "the published figure is '$(published)'"
  report=/data/data/published/current/report
  [ -s $report/index.html ] && [ ! -e $report/problems.txt ] || missing "the report is not whole"
  shown "a file became a published figure and a whole report"

  ! python3 -c "$HEALTH" 2>/dev/null || missing "healthy without a UI"
  open_ui
  [ "$(ask GET /)" = "401 " ] || missing "the UI asked for no password: $(ask GET /)"
  [ "$(ask GET / $TWEETBENCH_UI_PASSWORD)" = "200 " ] || missing "the UI refused its password"
  stop $ui /tmp/ui.log
  ! python3 -c "$HEALTH" 2>/dev/null || missing "healthy after the end of the UI"
  shown "the UI asked for its password, took it, was healthy while it was open, and ended on SIGTERM"
  ;;
again)
  [ "$(published)" = 6100 ] || missing "the volume does not hold what the first container published"
  shown "another container on the same volume has the figure"
  ;;
daemon)
  tweetbench daemon >/tmp/daemon.log 2>&1 &
  daemon=$! opened=$!
  # What its healthcheck in compose.yaml asks.
  for _ in $(seq 60); do ! dagster-daemon liveness-check >/tmp/alive.log 2>&1 || break; sleep 2; done
  grep -q 'Daemon live' /tmp/alive.log || { cat /tmp/alive.log /tmp/daemon.log; missing "the daemon is not alive"; }
  open_ui --no-daemon
  sensor='repositoryLocationName: \"tweetbench\", repositoryName: \"__repository__\", sensorName: \"inbox_files\"'
  started=$(ask POST /graphql $TWEETBENCH_UI_PASSWORD \
    "{\"query\": \"mutation { startSensor(sensorSelector: { $sensor }) { __typename } }\"}")
  [ "$started" = "200 " ] || missing "the sensor was not switched on: $started"
  printf 'platform,handle,date,followers,following\nx,acme,2026-01-19,6250,5960\n' >/tmp/b.csv
  mv /tmp/b.csv /data/data/inbox/b.csv
  for _ in $(seq 60); do [ "$(published)" != 6250 ] || break; sleep 3; done
  [ "$(published)" = 6250 ] || { cat /tmp/daemon.log; missing "the daemon made no run of a file in the inbox"; }
  stop $ui /tmp/ui.log
  stop $daemon /tmp/daemon.log
  shown "a UI and a daemon shared a history in PostgreSQL; the daemon saw a file in the inbox and published it"
  ;;
*)
  missing "no such part: $1"
  ;;
esac
