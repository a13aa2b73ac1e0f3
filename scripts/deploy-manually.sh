#!/usr/bin/env bash
# Sets up a Google Cloud project and deploys to it with nothing but gcloud, bq and docker: what Terraform and the
# workflow do otherwise, but for alerts, dashboard and budget. docs/google-cloud-manual.md says the same as text. It may
# be run again at any time: what is there stays, what is missing is made.
#   PROJECT_ID=my-project scripts/deploy-manually.sh              all steps but `model`
#   PROJECT_ID=my-project scripts/deploy-manually.sh dataset jobs  only these
# Steps: apis accounts topics dataset repository image services subscription jobs smoke model
# PUBLIC_API=yes lets everybody reach metrics-api and get-anomalies, who then need a key of the secret seismo-api-keys.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/google-cloud/settings.sh
take_arguments $# "$@"
need_project
need gcloud bq docker curl node
PUBLIC_API=${PUBLIC_API:-no}
DATASET_LOCATION=${DATASET_LOCATION:-$REGION}
IMAGE=${IMAGE:-}
# Rights reach every server of Google's only after a while.
SMOKE_ATTEMPTS=${SMOKE_ATTEMPTS:-6}
SMOKE_ATTEMPT_PAUSE_SECONDS=${SMOKE_ATTEMPT_PAUSE_SECONDS:-30}
readonly ACCOUNTS=(metrics-api processmetrics get-anomalies migrate pubsub-push scheduler deployer)

there() { cloud "$@" >/dev/null 2>&1; } # a command that only looks

member() { echo "serviceAccount:$(account "$1")"; } # account

project_number() { cloud projects describe "$PROJECT_ID" --format='value(projectNumber)'; }

# Known before the service is: Cloud Run gives every service this address besides the one with a random part.
address_of() { echo "https://$1-$(project_number).$REGION.run.app"; } # service

sql() { bq --quiet --project_id="$PROJECT_ID" query --use_legacy_sql=false --maximum_bytes_billed=10000000000 "$1"; }

step_apis() {
  cloud services enable run.googleapis.com bigquery.googleapis.com bigquerystorage.googleapis.com \
    pubsub.googleapis.com artifactregistry.googleapis.com cloudscheduler.googleapis.com \
    secretmanager.googleapis.com iam.googleapis.com iamcredentials.googleapis.com monitoring.googleapis.com \
    logging.googleapis.com
}

step_accounts() {
  local name caller
  for name in "${ACCOUNTS[@]}"; do
    there iam service-accounts describe "$(account "$name")" ||
      cloud iam service-accounts create "$name" --display-name="Seismo $name"
  done
  # Data Editor lets an account change tables, not run queries: that takes Job User.
  for name in processmetrics get-anomalies migrate; do
    cloud projects add-iam-policy-binding "$PROJECT_ID" --member="$(member "$name")" \
      --role=roles/bigquery.jobUser --condition=None >/dev/null
  done
  # Whoever runs this may make the identity token that the smoke test shows.
  caller=$(cloud config get-value account)
  [[ $caller == *.gserviceaccount.com ]] && caller=serviceAccount:$caller || caller=user:$caller
  cloud iam service-accounts add-iam-policy-binding "$(account deployer)" --member="$caller" \
    --role=roles/iam.serviceAccountTokenCreator >/dev/null
}

step_topics() {
  there pubsub topics describe "$TOPIC" || cloud pubsub topics create "$TOPIC" --message-retention-duration=7d
  there pubsub topics describe "$DEAD_LETTER_TOPIC" ||
    cloud pubsub topics create "$DEAD_LETTER_TOPIC" --message-retention-duration=30d
  # Without a subscription the topic would drop what it is given.
  there pubsub subscriptions describe "$DEAD_LETTER_TOPIC" ||
    cloud pubsub subscriptions create "$DEAD_LETTER_TOPIC" --topic="$DEAD_LETTER_TOPIC" --ack-deadline=60 \
      --message-retention-duration=30d --expiration-period=never
  cloud pubsub topics add-iam-policy-binding "$TOPIC" --member="$(member metrics-api)" \
    --role=roles/pubsub.publisher >/dev/null
  cloud pubsub topics add-iam-policy-binding "$DEAD_LETTER_TOPIC" --member="$(member processmetrics)" \
    --role=roles/pubsub.publisher >/dev/null
}

step_dataset() {
  bq --quiet --project_id="$PROJECT_ID" show --dataset "$PROJECT_ID:$DATASET" >/dev/null 2>&1 ||
    bq --quiet --project_id="$PROJECT_ID" --location="$DATASET_LOCATION" mk --dataset \
      --description='Metrics and their anomalies, by Seismo' "$PROJECT_ID:$DATASET"
  sql "GRANT \`roles/bigquery.dataEditor\` ON SCHEMA \`$PROJECT_ID.$DATASET\`
    TO '$(member processmetrics)', '$(member migrate)'"
  sql "GRANT \`roles/bigquery.dataViewer\` ON SCHEMA \`$PROJECT_ID.$DATASET\` TO '$(member get-anomalies)'"
}

step_repository() {
  there artifacts repositories describe "$REPOSITORY" --location="$REGION" ||
    cloud artifacts repositories create "$REPOSITORY" --location="$REGION" --repository-format=docker \
      --description="Image of Seismo's services"
}

step_image() { find_image; }

find_image() {
  [ -n "$IMAGE" ] || IMAGE=$(scripts/build-image.sh)
  say "image $IMAGE"
}

step_services() {
  local shared push service
  find_image
  # The tables first: a service finds them when it starts. Adopting a large table takes a while.
  cloud run jobs deploy migrate --image="$IMAGE" --region="$REGION" --service-account="$(account migrate)" \
    --max-retries=1 --task-timeout=60m \
    --set-env-vars="SEISMO_ROLE=migrate,SEISMO_PROJECT=$PROJECT_ID,SEISMO_DATASET=$DATASET"
  run_migrations

  shared="SEISMO_PROJECT=$PROJECT_ID,SEISMO_REGION=$DATASET_LOCATION,SEISMO_DATASET=$DATASET,SEISMO_TOPIC=$TOPIC"
  shared+=",SEISMO_DEAD_LETTER_TOPIC=$DEAD_LETTER_TOPIC"
  push="SEISMO_AUTH=iam,SEISMO_PUSH_AUTH=iam,SEISMO_PUSH_AUDIENCE=$(address_of processmetrics)"
  push+=",SEISMO_PUSH_ACCOUNT=$(account pubsub-push),SEISMO_SCHEDULER_ACCOUNT=$(account scheduler)"
  # Pub/Sub and Cloud Scheduler of the same project count as internal. The most instances bound the bill, as Terraform's do.
  cloud run deploy processmetrics --image="$IMAGE" --region="$REGION" --ingress=internal --no-allow-unauthenticated \
    --service-account="$(account processmetrics)" --cpu=1 --memory=512Mi --concurrency=40 --timeout=60 \
    --max-instances=20 --cpu-boost --set-env-vars="$shared,$push"
  for service in pubsub-push scheduler; do
    cloud run services add-iam-policy-binding processmetrics --region="$REGION" --member="$(member "$service")" \
      --role=roles/run.invoker >/dev/null
  done
  if [ "$PUBLIC_API" = yes ]; then
    there secrets describe "$SECRET" || cloud secrets create "$SECRET" --replication-policy=automatic
    scripts/add-first-api-key.sh
  fi
  deploy_api get-anomalies 5 "$shared"
  deploy_api metrics-api 20 "$shared"
}

# Either an identity token, or a key where everybody can reach it; never neither.
deploy_api() { # service, most instances, settings
  local access
  if [ "$PUBLIC_API" = yes ]; then
    cloud secrets add-iam-policy-binding "$SECRET" --member="$(member "$1")" \
      --role=roles/secretmanager.secretAccessor >/dev/null
    access=(--allow-unauthenticated --set-env-vars="$3,SEISMO_AUTH=keys" --set-secrets="SEISMO_API_KEYS=$SECRET:latest")
  else
    # A service that was open before keeps its secret otherwise, and the smoke test would bring a key and no token.
    access=(--no-allow-unauthenticated --set-env-vars="$3,SEISMO_AUTH=iam" --clear-secrets)
  fi
  cloud run deploy "$1" --image="$IMAGE" --region="$REGION" --service-account="$(account "$1")" --cpu=1 \
    --memory=512Mi --concurrency=80 --timeout=60 --max-instances="$2" --cpu-boost "${access[@]}"
  if [ "$PUBLIC_API" != yes ]; then
    cloud run services add-iam-policy-binding "$1" --region="$REGION" --member="$(member deployer)" \
      --role=roles/run.invoker >/dev/null
  fi
}

# After the services: what is pushed to something else that answers 200 is lost.
step_subscription() {
  local number agent name
  number=$(project_number)
  agent=serviceAccount:service-$number@gcp-sa-pubsub.iam.gserviceaccount.com
  # In a new project Pub/Sub's own account does not exist before it is asked for, and may make no tokens then.
  cloud beta services identity create --service=pubsub.googleapis.com
  cloud iam service-accounts add-iam-policy-binding "$(account pubsub-push)" --member="$agent" \
    --role=roles/iam.serviceAccountTokenCreator >/dev/null
  cloud pubsub topics add-iam-policy-binding "$DEAD_LETTER_TOPIC" --member="$agent" \
    --role=roles/pubsub.publisher >/dev/null
  push "$SUBSCRIPTION" "$TOPIC" "$(address_of processmetrics)" 7d
  # Through this one scripts/deploy.sh tests a new revision before it gets traffic.
  there pubsub topics describe "$CANDIDATE_TOPIC" || cloud pubsub topics create "$CANDIDATE_TOPIC"
  push "$CANDIDATE_TOPIC" "$CANDIDATE_TOPIC" "$(address_of "$CANDIDATE---processmetrics")" 10m
  for name in "$SUBSCRIPTION" "$CANDIDATE_TOPIC"; do
    cloud pubsub subscriptions add-iam-policy-binding "$name" --member="$agent" --role=roles/pubsub.subscriber >/dev/null
  done
}

push() { # subscription, topic, address, how long messages are kept
  there pubsub subscriptions describe "$1" ||
    cloud pubsub subscriptions create "$1" --topic="$2" --push-endpoint="$3/pubsub/push" \
      --push-auth-service-account="$(account pubsub-push)" \
      --push-auth-token-audience="$(address_of processmetrics)" --ack-deadline=60 \
      --message-retention-duration="$4" --expiration-period=never --min-retry-delay=1s --max-retry-delay=600s \
      --dead-letter-topic="$DEAD_LETTER_TOPIC" --max-delivery-attempts=100
}

step_jobs() {
  schedule train-models '17 3 * * *' /jobs/train
  schedule detect-anomalies '* * * * *' /jobs/detect
}

schedule() { # name, when, path
  local url
  url=$(address_of processmetrics)
  there scheduler jobs describe "$1" --location="$REGION" ||
    cloud scheduler jobs create http "$1" --location="$REGION" --schedule="$2" --time-zone=Etc/UTC \
      --uri="$url$3" --http-method=POST --headers=Content-Type=application/json --message-body='{}' \
      --oidc-service-account-email="$(account scheduler)" --oidc-token-audience="$url" --attempt-deadline=60s
}

step_smoke() {
  local attempt
  for attempt in $(seq "$SMOKE_ATTEMPTS"); do
    scripts/smoke-test.sh && return
    [ "$attempt" = "$SMOKE_ATTEMPTS" ] || sleep "$SMOKE_ATTEMPT_PAUSE_SECONDS"
  done
  fail "the services do not do their work yet; docs/google-cloud.md tells where to look"
}

# The statements as they stand in sql/, for those who want to run them by hand; the jobs do it by themselves.
step_model() {
  local statement
  for statement in train evaluate detect; do
    say "sql/$statement-latency-anomalies.sql"
    sed "s/metrics_dataset/$DATASET/g" "sql/$statement-latency-anomalies.sql" |
      bq --project_id="$PROJECT_ID" query --use_legacy_sql=false
  done
}

steps=("$@")
[ ${#steps[@]} -gt 0 ] ||
  steps=(apis accounts topics dataset repository image services subscription jobs smoke)
for step in "${steps[@]}"; do
  declare -F "step_$step" >/dev/null || fail "there is no step \"$step\"; --help lists them"
done
for step in "${steps[@]}"; do
  say "$step"
  "step_$step"
done
say "done"
