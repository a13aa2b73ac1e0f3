#!/usr/bin/env bash
# Builds the image, pushes it to Artifact Registry and prints its address by digest, alone on standard output:
#   PROJECT_ID=my-project scripts/build-image.sh
# Set TAG for another tag than the commit, IMAGE_NAME for another registry (a gcr.io name works too).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/google-cloud/settings.sh
take_arguments 0 "$@"
need_project
need docker gcloud git
docker buildx version >/dev/null 2>&1 || fail "docker has no buildx, which the Dockerfile needs: https://docs.docker.com/go/buildx/"
TAG=${TAG:-$(git rev-parse --short=12 HEAD)}
IMAGE_NAME=${IMAGE_NAME:-$REGION-docker.pkg.dev/$PROJECT_ID/$REPOSITORY/seismo}

say "building $IMAGE_NAME:$TAG" >&2
cloud auth configure-docker "${IMAGE_NAME%%/*}" >&2
docker build --platform=linux/amd64 -f cloud_run/Dockerfile -t "$IMAGE_NAME:$TAG" . >&2
docker push "$IMAGE_NAME:$TAG" >&2

# The registry's digest, not the tag: a tag can be moved between here and the deployment.
address=$(docker image inspect --format='{{range .RepoDigests}}{{println .}}{{end}}' "$IMAGE_NAME:$TAG" |
  grep -F "$IMAGE_NAME@sha256:" | head -n 1) || fail "the registry gave $IMAGE_NAME:$TAG no digest"
echo "$address"
