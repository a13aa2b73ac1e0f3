#!/usr/bin/env bash
# Asks the services whether they do their work: a metric goes in, is seen in BigQuery, and GET /get_anomalies answers.
#   PROJECT_ID=my-project scripts/smoke-test.sh            the services as everybody reaches them
#   PROJECT_ID=my-project scripts/smoke-test.sh candidate  the revisions with that tag, before they get traffic
# Needs the right to make identity tokens for SMOKE_ACCOUNT (deployer) or to call the services as oneself, or with keys
# in front of them to read their secret. processmetrics is reached by Pub/Sub only, so it is tested through a topic: a
# candidate has one of its own, whose subscription pushes to the address of that tag.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/google-cloud/settings.sh
take_arguments 1 "$@"
need_project
need gcloud bq curl node
TAG=${1:-}
SMOKE_ACCOUNT=${SMOKE_ACCOUNT:-$(account deployer)}
# Time for a first instance to start, and for Pub/Sub and BigQuery to hand on one sample.
SMOKE_SECONDS=${SMOKE_SECONDS:-120}
SMOKE_PAUSE_SECONDS=${SMOKE_PAUSE_SECONDS:-3}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 700 "$work"

# Headers go through files: the arguments of a process can be read by every other one.
reach() { # service: writes its address and the header that lets us in
  local service=$1 address keys audience token
  ask_service "$service" "url${TAG:+:$TAG}" keys url >"$work/answers" || fail "$service cannot be reached: see above"
  {
    read -r address
    read -r keys
    # Also for the address of a tag, the audience is the service's own.
    read -r audience
  } <"$work/answers"
  echo "$address" >"$work/$service.url"
  if [ "$keys" = yes ]; then
    [ -n "${SMOKE_API_KEY:-}" ] || SMOKE_API_KEY=$(read_key)
    printf 'X-API-Key: %s\n' "$SMOKE_API_KEY" >"$work/$service.header"
    return
  fi
  token=$(identity_token "$audience") || fail "no identity token: neither for $SMOKE_ACCOUNT nor of your own"
  [ -n "$token" ] || fail "gcloud gave an empty identity token"
  printf 'Authorization: Bearer %s\n' "$token" >"$work/$service.header"
}

# Not even a project's owner may make tokens of other accounts unless that was granted; services let owners in as they are.
identity_token() { # audience
  cloud auth print-identity-token --impersonate-service-account="$SMOKE_ACCOUNT" --include-email --audiences="$1" \
    2>"$work/refusal" && return
  echo "    no identity token for $SMOKE_ACCOUNT, so this asks with your own: $(tail -n 1 "$work/refusal")" >&2
  cloud auth print-identity-token
}

# The first key that may write: `KEY` or `write:KEY`.
read_key() {
  local keys
  keys=$(cloud secrets versions access latest --secret="$SECRET") || fail "the secret $SECRET cannot be read"
  tr ',' '\n' <<<"$keys" | sed -e 's/^ *//' -e 's/ *$//' | grep -v '^read:' | head -n 1 | sed 's/^write://' | grep . ||
    fail "the secret $SECRET holds no key that may write"
}

call() { # service, path, curl's flags…: prints the status; the body is in $work/body
  local service=$1 path=$2
  shift 2
  curl --silent --show-error --max-time 60 --retry 3 --retry-connrefused --output "$work/body" \
    --write-out '%{http_code}' --header "@$work/$service.header" "$@" "$(address_of "$service")$path"
}

address_of() { cat "$work/$1.url"; } # service

expect() { # status wanted, service, path, curl's flags…
  local wanted=$1 status
  shift
  status=$(call "$@") || fail "$1$2 could not be reached"
  [[ $status =~ ^($wanted)$ ]] ||
    fail "$1$2 was answered with $status, not $wanted: $(head -c 500 "$work/body" 2>/dev/null)"
  echo "    $1$2 $status"
}

stored() { # series: how many rows of this test BigQuery has
  bq --quiet --project_id="$PROJECT_ID" --format=csv query --use_legacy_sql=false --maximum_bytes_billed=1000000000 \
    --parameter="series:STRING:$1" --parameter="time:INT64:$now" --parameter="value:FLOAT64:$value" \
    "SELECT COUNT(*) AS found FROM \`$PROJECT_ID.$DATASET.samples\`
     WHERE series = @series AND time = TIMESTAMP_SECONDS(@time) AND value = @value" | tail -n 1
}

wait_until_stored() { # series
  local until=$((SECONDS + SMOKE_SECONDS)) found=0
  while :; do
    found=$(stored "$1") || fail "BigQuery could not be asked"
    [[ $found =~ ^[1-9][0-9]*$ ]] && break
    [ "$SECONDS" -lt "$until" ] || fail "$1 was not in BigQuery after $SMOKE_SECONDS s; look at the dead letters and the log"
    sleep "$SMOKE_PAUSE_SECONDS"
  done
  echo "    $1 is in $DATASET.samples"
}

subscribed() { # subscription
  cloud pubsub subscriptions describe "$1" --format='value(name)' >/dev/null 2>&1
}

for service in metrics-api get-anomalies; do
  reach "$service"
  expect 200 "$service" /health
done

now=$(date +%s)
# Differs from run to run, so that an older test's sample is not taken for this one. Detection leaves out what begins with
# seismo_smoke_test (sql/detect-minutes.sql).
value=$((now % 100000)).5
expect 202 metrics-api /metrics --request POST --header 'Content-Type: application/json' \
  --data "{\"timestamp\": $now, \"seismo_smoke_test\": $value}"

if [ -z "$TAG" ] && subscribed "$SUBSCRIPTION"; then
  wait_until_stored seismo_smoke_test
elif [ -n "$TAG" ] && subscribed "$CANDIDATE_TOPIC"; then
  # What metrics-api published went to the old processmetrics; this goes to the new one.
  cloud pubsub topics publish "$CANDIDATE_TOPIC" \
    --attribute=schema_version=1,content_type=application/json,shard=0 \
    --message="[{\"timestamp\": $now, \"seismo_smoke_test_candidate\": $value}]" >/dev/null
  wait_until_stored seismo_smoke_test_candidate
elif [ -n "$TAG" ]; then
  echo "    There is no subscription $CANDIDATE_TOPIC: the new processmetrics is tested after it got the traffic."
else
  echo "    There is no subscription $SUBSCRIPTION yet: messages wait in the topic. Run terraform apply once more."
fi

expect 200 get-anomalies '/get_anomalies?limit=1'
grep -q '"anomalies"' "$work/body" || fail "get-anomalies did not answer with anomalies: $(head -c 500 "$work/body")"
say "the services work"
