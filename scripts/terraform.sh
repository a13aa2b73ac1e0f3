#!/usr/bin/env bash
# Plans or applies terraform/ with its state in a bucket, as the workflow does; variables come as TF_VAR_…, or from
# terraform.tfvars, which wins.
#   TERRAFORM_STATE_BUCKET=my-state TF_VAR_project_id=my-project TF_VAR_alert_email=me@example.com scripts/terraform.sh plan
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/google-cloud/settings.sh
take_arguments 1 "$@"
cd terraform
action=${1:-plan}
if [[ ! $action =~ ^(plan|apply)$ ]]; then
  echo "terraform.sh: plan or apply, not \"$action\"" >&2
  exit 2
fi
if [ -z "${TERRAFORM_STATE_BUCKET:-}" ]; then
  echo "terraform.sh: set TERRAFORM_STATE_BUCKET to the bucket of the state; scripts/prepare-google-cloud.sh makes one" >&2
  exit 2
fi

# An override file, so that those who keep their state on their own disk need no bucket.
cat >backend_override.tf <<BACKEND
terraform {
  backend "gcs" {
    bucket = "$TERRAFORM_STATE_BUCKET"
    prefix = "seismo"
  }
}
BACKEND
trap 'rm -f backend_override.tf' EXIT

terraform init -input=false
if [ "$action" = plan ]; then
  # A lock is a file beside the state, and whoever only plans may write nothing there.
  terraform plan -input=false -lock=false
else
  terraform apply -input=false -lock-timeout=10m -auto-approve
fi
