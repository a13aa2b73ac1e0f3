# Read by the scripts for Google Cloud (`. scripts/google-cloud/settings.sh`): names, the same as Terraform's, and
# the few functions that all of them need. Every name may be set from outside.
# shellcheck shell=bash disable=SC2034 # used by the scripts that read this file

PROJECT_ID=${PROJECT_ID:-}
REGION=${REGION:-us-central1}
DATASET=${DATASET:-metrics_dataset}
TOPIC=${TOPIC:-metrics}
DEAD_LETTER_TOPIC=${DEAD_LETTER_TOPIC:-metrics-dead-letter}
SUBSCRIPTION=${SUBSCRIPTION:-metrics-push}
# Topic and subscription through which a new revision of processmetrics is tested before it gets traffic.
CANDIDATE_TOPIC=${CANDIDATE_TOPIC:-metrics-candidate}
REPOSITORY=${REPOSITORY:-seismo}
SECRET=${SECRET:-seismo-api-keys}
# In the order in which they get a new version: who reads messages first, who writes them last.
SERVICES=(processmetrics get-anomalies metrics-api)
CANDIDATE=${CANDIDATE:-candidate}
SERVICE_OF_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

say() { echo "==> $*"; }

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# A script's first lines are its help. What it does not know stops it before it has done anything: asked for help a
# deployment must not begin.
take_arguments() { # how many at most, the arguments
  local most=$1 argument
  shift
  for argument in "$@"; do
    case $argument in
      --help | -h)
        show_help
        exit
        ;;
      -*) refuse_argument "$argument" ;;
    esac
  done
  [ $# -le "$most" ] || refuse_argument "${*:most+1:1}"
}

show_help() {
  local line
  while IFS= read -r line; do
    case $line in
      '#!'*) ;;
      '#'*)
        line=${line#'#'}
        echo "${line# }"
        ;;
      *) break ;;
    esac
  done <"$SERVICE_OF_HERE/../$(basename "$0")"
}

refuse_argument() {
  echo "$(basename "$0"): \"$1\" is not known; --help says what is" >&2
  exit 2
}

need_project() {
  [[ $PROJECT_ID =~ ^[a-z][a-z0-9-]{4,28}[a-z0-9]$ ]] ||
    fail "set PROJECT_ID to the id of a Google Cloud project (gcloud projects list)${PROJECT_ID:+, not \"$PROJECT_ID\"}"
}

need() { # commands
  local command
  for command in "$@"; do
    command -v "$command" >/dev/null || fail "$command is not installed: $(where_from "$command")"
  done
}

where_from() { # command
  case $1 in
    gcloud | bq) echo "https://cloud.google.com/sdk/docs/install" ;;
    docker) echo "https://docs.docker.com/get-started/get-docker" ;;
    node) echo "https://nodejs.org/en/download" ;;
    *) echo "it comes with every package manager" ;;
  esac
}

cloud() { gcloud --project="$PROJECT_ID" --quiet "$@"; }

account() { echo "$1@$PROJECT_ID.iam.gserviceaccount.com"; } # name

# The job's own words are in its log only, which a deployer may not read.
run_migrations() {
  cloud run jobs execute migrate --region="$REGION" --wait || fail "the migrations failed; why, tells" \
    "gcloud logging read 'resource.labels.job_name=\"migrate\" severity>=ERROR' --project=$PROJECT_ID --limit=3" \
    "--format='value(jsonPayload.message, jsonPayload.hint)'"
}

# What `gcloud run services describe` says, read without jq: see read-service.js for the questions.
ask_service() { # service, question…
  local service=$1 described
  shift
  described=$(cloud run services describe "$service" --region="$REGION" --format=json) || return
  node "$SERVICE_OF_HERE/read-service.js" "$@" <<<"$described"
}
