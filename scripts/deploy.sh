#!/usr/bin/env bash
# Puts one image into all services of a project that Terraform (or scripts/deploy-manually.sh) has set up:
# migrations, new revisions without traffic, a smoke test of them, then the traffic, then a smoke test of the whole
# chain. Whatever fails, and when it is cancelled, the traffic is where it was before.
#   PROJECT_ID=my-project IMAGE=us-central1-docker.pkg.dev/my-project/seismo/seismo@sha256:… scripts/deploy.sh
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/google-cloud/settings.sh
take_arguments 0 "$@"
need_project
need gcloud bq curl node
IMAGE=${IMAGE:-}
[[ $IMAGE =~ @sha256:[0-9a-f]{64}$ ]] ||
  fail "set IMAGE to an image by its digest (…@sha256:…), as scripts/build-image.sh prints it${IMAGE:+, not \"$IMAGE\"}"

before=()  # traffic of each service at the start
images=()  # image that each service names at the start
staged=()  # services with a revision that has no traffic yet
moved=()   # services whose traffic may have been moved
finished=no

index_of() { # service
  local index
  for index in "${!SERVICES[@]}"; do
    [ "${SERVICES[$index]}" != "$1" ] || echo "$index"
  done
}
traffic_before() { echo "${before[$(index_of "$1")]}"; } # service
image_before() { echo "${images[$(index_of "$1")]}"; }   # service

roll_back() {
  local service failures=0
  # An empty array is no error in any version of bash this way.
  for service in ${moved[@]+"${moved[@]}"}; do
    say "rolling back $service to $(traffic_before "$service")"
    cloud run services update-traffic "$service" --region="$REGION" \
      --to-revisions="$(traffic_before "$service")" >/dev/null || {
      failures=$((failures + 1))
      echo "$service COULD NOT BE ROLLED BACK. By hand: gcloud run services update-traffic $service" \
        "--project=$PROJECT_ID --region=$REGION --to-revisions=$(traffic_before "$service")" >&2
    }
  done
  return "$failures"
}

remove_tags() {
  local service
  for service in ${staged[@]+"${staged[@]}"}; do
    cloud run services update-traffic "$service" --region="$REGION" --remove-tags="$CANDIDATE" >/dev/null ||
      echo "The tag $CANDIDATE is still on a revision of $service; the next deployment moves it." >&2
  done
}

# A service names the image of its newest revision, with traffic or without. Terraform goes by that name: after a first
# deployment that failed it would let Pub/Sub push to the placeholder, which answers 200 and so loses every message.
name_images_before() {
  local service
  for service in ${staged[@]+"${staged[@]}"}; do
    cloud run services update "$service" --region="$REGION" --image="$(image_before "$service")" --no-traffic >/dev/null ||
      echo "$service STILL NAMES THE IMAGE THAT FAILED. Before the next terraform apply: gcloud run services update" \
        "$service --project=$PROJECT_ID --region=$REGION --image=$(image_before "$service") --no-traffic" >&2
  done
}

at_end() {
  local code=$?
  trap - EXIT
  # A second Ctrl-C must not stop the way back.
  trap '' INT TERM
  if [ "$finished" = no ]; then
    [ "$code" != 0 ] || code=1
    roll_back || true
    remove_tags
    name_images_before
    if [ ${#moved[@]} = 0 ]; then say "not deployed; no traffic was moved"; else say "not deployed"; fi
  fi
  exit "$code"
}
trap at_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

for service in "${SERVICES[@]}"; do
  answers=$(ask_service "$service" traffic image) ||
    fail "there is no service $service in $PROJECT_ID, $REGION, or you may not see it: set up the project first (docs/google-cloud.md)"
  {
    read -r now
    read -r image
  } <<<"$answers"
  before+=("$now")
  images+=("$image")
  say "$service now: $now"
done

say "migrations"
cloud run jobs update migrate --region="$REGION" --image="$IMAGE" >/dev/null
run_migrations

for service in "${SERVICES[@]}"; do
  say "deploying $service without traffic"
  staged+=("$service")
  cloud run deploy "$service" --region="$REGION" --image="$IMAGE" --no-traffic >/dev/null
  # Not by `deploy --tag`, which gives the revision a name in the service's own settings: whatever Terraform changed
  # there afterwards would be refused, since a revision of that name exists.
  revision=$(ask_service "$service" newest)
  cloud run services update-traffic "$service" --region="$REGION" --update-tags="$CANDIDATE=$revision" >/dev/null
done

say "smoke test of the new revisions"
scripts/smoke-test.sh "$CANDIDATE"

for service in "${SERVICES[@]}"; do
  revision=$(ask_service "$service" "revision:$CANDIDATE")
  say "moving the traffic of $service to $revision"
  moved+=("$service")
  cloud run services update-traffic "$service" --region="$REGION" --to-revisions="$revision=100" >/dev/null
done

say "smoke test of the whole chain"
scripts/smoke-test.sh

finished=yes
remove_tags
# From here on a change of settings by Terraform takes effect by itself again, which a fixed revision would prevent.
for service in "${SERVICES[@]}"; do
  cloud run services update-traffic "$service" --region="$REGION" --to-latest >/dev/null ||
    echo "The traffic of $service is fixed to its new revision; later changes of settings need --to-latest." >&2
done
say "deployed $IMAGE"
