#!/usr/bin/env bash
# Runs the image's own program the way `docker run --read-only -v …:/data` does, without Docker: a mount namespace,
# the file system read-only, the image's user. First embedded, then in each role of Google Cloud, as Cloud Run names
# it; those must not load DuckDB. usage: run-read-only.sh ROOT WORK_FOLDER
set -euo pipefail
root=$1 work=$2
data=$work/data port=${SEISMO_IMAGE_PORT:-18080} key=0123456789abcdef
install -d -o 1000 -g 1000 "$data"

fail() {
  echo "check-image: $*" >&2
  [ ! -s "$work/server.log" ] || tail -n 20 "$work/server.log" >&2
  exit 1
}

start() { # path that answers when it is ready, variables of the environment…
  local ready=$1 started=$EPOCHREALTIME
  shift
  # shellcheck disable=SC2016 # the inner shell expands these
  unshare --mount --pid --fork --kill-child -- bash -c '
    root=$1 data=$2 port=$3
    shift 3
    mount --make-rprivate /
    mount --bind "$root" "$root"
    mount -o remount,bind,ro "$root"
    mount --bind "$data" "$root/data"
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o size=64k tmpfs "$root/dev"
    for device in null random urandom; do
      touch "$root/dev/$device" && mount --bind "/dev/$device" "$root/dev/$device"
    done
    exec chroot --userspec=1000:1000 "$root" /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin NODE_ENV=production \
      SEISMO_HOST=0.0.0.0 SEISMO_DATA=/data MALLOC_ARENA_MAX=2 PORT="$port" "$@" /usr/local/bin/node --max-semi-space-size=4 --heap-growing-percent=10 /app/bin/seismo.js serve' \
    run-read-only "$root" "$data" "$port" "$@" >"$work/server.log" 2>&1 &
  unshare=$!
  for _ in $(seq 600); do
    if curl -fsS -o /dev/null "http://127.0.0.1:$port$ready" 2>/dev/null; then
      seconds=$(awk "BEGIN { printf \"%.2f\", $EPOCHREALTIME - $started }")
      return
    fi
    kill -0 "$unshare" 2>/dev/null || fail "the program ended at once"
    sleep 0.05
  done
  fail "no answer in 30 s"
}

has_duckdb() { grep -q duckdb "/proc/$(pgrep -P "$unshare")/maps"; }

# Only its child, node, is told to stop, as a container's first process is.
stop() {
  local node started=$SECONDS
  node=$(pgrep -P "$unshare")
  [ "$(stat -c %u "/proc/$node")" = 1000 ] || fail "it does not run as user 1000"
  if chroot --userspec=1000:1000 "$root" /usr/bin/test -w /app; then fail "its own program can be written"; fi
  kill -TERM "$node"
  wait "$unshare" || fail "it did not end with 0 after SIGTERM"
  [ $((SECONDS - started)) -lt 10 ] || fail "it took 10 s or more to end"
}

trap 'kill -KILL "$unshare" 2>/dev/null || true' EXIT
embedded=(SEISMO_API_KEYS="write:$key" SEISMO_LOG=json)
start /ready "${embedded[@]}"
has_duckdb || fail "the embedded server has no DuckDB: this check would see none in the other roles either"
now=$(date +%s)
status=$(curl -sS -o "$work/answer" -w '%{http_code}' -H "X-API-Key: $key" -H 'Content-Type: application/json' \
  -d "{\"timestamp\": $now, \"latency\": 312.5}" "http://127.0.0.1:$port/metrics")
[ "$status" = 202 ] || fail "POST /metrics was answered with $status: $(cat "$work/answer")"
status=$(curl -sS -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/get_anomalies")
[ "$status" = 401 ] || fail "without a key the answer was $status, not 401"
page=$(curl -fsS "http://127.0.0.1:$port/") || fail "the page is missing"
[[ $page == *"<script"* ]] || fail "the page is empty"
stop
start /ready "${embedded[@]}"
curl -fsS -H "X-API-Key: $key" "http://127.0.0.1:$port/api/samples?series=latency" | grep -q 312.5 ||
  fail "the sample was gone after a restart"
stop
echo "embedded: read-only, as user 1000, keeps /data, ends with 0 after SIGTERM; $seconds s to the first answer"

# Nothing of Google is reached: the clients are led to a port where nobody answers.
for service in metrics-api processmetrics get-anomalies; do
  start /health K_SERVICE="$service" SEISMO_PROJECT=my-project SEISMO_REGION=us-central1 SEISMO_AUTH=iam \
    SEISMO_PUSH_AUTH=iam METADATA_SERVER_DETECTION=none PUBSUB_EMULATOR_HOST=127.0.0.1:9 \
    BIGQUERY_EMULATOR_HOST=http://127.0.0.1:9/bigquery/v2 SEISMO_BIGQUERY_WRITE_ENDPOINT=127.0.0.1:9
  if has_duckdb; then fail "$service has loaded DuckDB"; fi
  grep -q "\"role\":\"$service\"" "$work/server.log" || fail "K_SERVICE=$service did not choose the role"
  stop
  echo "$service: no DuckDB; $seconds s to the first answer"
done
trap - EXIT
