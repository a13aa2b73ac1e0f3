#!/usr/bin/env bash
# Puts a first API key, which may write, into the secret that metrics-api and get-anomalies read, unless there is one: no
# service can be made whose secret is empty. `terraform apply` with public_api and scripts/deploy-manually.sh call it.
#   PROJECT_ID=my-project scripts/add-first-api-key.sh
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/google-cloud/settings.sh
take_arguments 0 "$@"
need_project
need gcloud

cloud secrets versions describe latest --secret="$SECRET" >/dev/null 2>&1 && exit
# Through a pipe: neither the arguments of a process, nor a file, nor Terraform's state hold the key.
printf 'write:%s' "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')" |
  cloud secrets versions add "$SECRET" --data-file=- >/dev/null
say "the first API key is in the secret $SECRET; to see it:" \
  "gcloud secrets versions access latest --secret=$SECRET --project=$PROJECT_ID"
