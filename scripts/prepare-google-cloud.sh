#!/usr/bin/env bash
# What an empty Google Cloud project needs before the first `terraform apply`, and Terraform cannot do itself: the two
# interfaces through which it enables all others, and the accounts of Google's own services that it gives rights to,
# which do not exist before they were asked for. May be run again at any time.
#   PROJECT_ID=my-project scripts/prepare-google-cloud.sh
#   PROJECT_ID=my-project STATE_BUCKET=my-project-terraform scripts/prepare-google-cloud.sh   also a bucket for the state
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/google-cloud/settings.sh
take_arguments 0 "$@"
need_project
need gcloud
STATE_BUCKET=${STATE_BUCKET:-}

say "interfaces"
cloud services enable serviceusage.googleapis.com cloudresourcemanager.googleapis.com pubsub.googleapis.com \
  monitoring.googleapis.com

say "Pub/Sub's own account, which moves messages to the dead-letter topic"
cloud beta services identity create --service=pubsub.googleapis.com

say "Cloud Monitoring's own account, which calls /health"
give_monitoring_its_account() {
  local number
  cloud beta services identity create --service=monitoring.googleapis.com || return
  # Made by itself it has this role; made on request Google gives it none.
  number=$(cloud projects describe "$PROJECT_ID" --format='value(projectNumber)') || return
  cloud projects add-iam-policy-binding "$PROJECT_ID" --condition=None --role=roles/monitoring.notificationServiceAgent \
    --member="serviceAccount:service-$number@gcp-sa-monitoring-notification.iam.gserviceaccount.com" >/dev/null
}
give_monitoring_its_account ||
  echo "    It could not be made. Should the apply after the first deployment say that it does not exist, set uptime_checks = false." >&2

if [ -n "$STATE_BUCKET" ]; then
  say "bucket gs://$STATE_BUCKET for Terraform's state"
  cloud storage buckets describe "gs://$STATE_BUCKET" --format='value(name)' >/dev/null 2>&1 ||
    cloud storage buckets create "gs://$STATE_BUCKET" --location="$REGION" --uniform-bucket-level-access \
      --public-access-prevention
  # Every version of the state can be gone back to.
  cloud storage buckets update "gs://$STATE_BUCKET" --versioning
fi
say "ready for terraform apply"
