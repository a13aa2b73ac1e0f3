#!/usr/bin/env bash
# Runs an image embedded with Docker as README says, read-only, posts a metric, stops it and looks whether it is kept.
# usage: run-docker.sh IMAGE
set -euo pipefail
image=$1 name=seismo-check-$$ key=0123456789abcdef
trap 'docker rm -f "$name" >/dev/null 2>&1; docker volume rm "$name" >/dev/null 2>&1' EXIT

fail() {
  echo "run-docker: $*" >&2
  docker logs "$name" 2>&1 | tail -n 20 >&2 || true
  exit 1
}

start() {
  docker run -d --name "$name" --read-only --cap-drop=ALL --security-opt=no-new-privileges -p 127.0.0.1:18080:8080 \
    -v "$name:/data" -e SEISMO_API_KEYS="write:$key" "$image" >/dev/null
  for _ in $(seq 150); do
    curl -fsS -o /dev/null http://127.0.0.1:18080/ready 2>/dev/null && return
    sleep 0.1
  done
  fail "no answer in 15 s"
}

stop() {
  docker stop --time=10 "$name" >/dev/null
  [ "$(docker inspect --format='{{.State.ExitCode}}' "$name")" = 0 ] || fail "it did not end with 0 after SIGTERM"
  docker rm "$name" >/dev/null
}

start
curl -fsS -o /dev/null -H "X-API-Key: $key" -H 'Content-Type: application/json' \
  -d "{\"timestamp\": $(date +%s), \"latency\": 312.5}" http://127.0.0.1:18080/metrics || fail "the metric was refused"
stop
start
curl -fsS -H "X-API-Key: $key" 'http://127.0.0.1:18080/api/samples?series=latency' | grep -q 312.5 ||
  fail "the sample was gone after a restart"
stop
echo "run-docker: read-only, without capabilities, keeps /data, ends with 0 after SIGTERM"
