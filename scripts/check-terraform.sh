#!/usr/bin/env bash
# Checks terraform/ without an account, with Google's real provider: fmt, init, validate, plans of an empty project, the
# tests with a mock of Google's answers (each module's README example among them), the alerts on made-up series, tflint,
# checkov. It works on a copy, because init writes a lock file of this machine. Ends with `N passed, N failed`.
#   scripts/check-terraform.sh                  check; what is not installed is skipped, and says how to get it
#   scripts/check-terraform.sh --prepare        builds and installs all that is missing: 10 to 15 minutes on 2 cores
#   scripts/check-terraform.sh --prepare tflint checkov    only these (provider, promtool, tflint, checkov)
# With REQUIRE_PEERS=1 what is missing is a failure, and a preparation under way is waited for.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

# The registry of providers is not needed: the provider is built from source, which Go's module proxy has. This commit
# is two days younger than version 8.0.0.
PROVIDER=github.com/hashicorp/terraform-provider-google@v1.20.1-0.20260828184646-f3721fb45fa3
PROVIDER_VERSION=8.0.0
TFLINT=github.com/terraform-linters/tflint@v0.64.0
CHECKOV=checkov==3.3.30

cache=${PEERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seismo-ci}/terraform
platform=$(uname -s | tr '[:upper:]' '[:lower:]')_$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
mirror=$cache/mirror
provider=$mirror/registry.terraform.io/hashicorp/google/$PROVIDER_VERSION/$platform/terraform-provider-google_v${PROVIDER_VERSION}_x5
export PATH="$PATH:$cache/bin:$cache/checkov/bin"

# One preparation at a time; whoever checks waits for it.
locked() { # shared or exclusive, command…
  local kind=$1
  shift
  mkdir -p "$cache/bin"
  if command -v flock >/dev/null; then flock "--$kind" --timeout 2400 "$cache/lock" "$@"; else "$@"; fi
}

build() { # module@version: two compilations at a time and behind all else, for the sake of tests that run meanwhile
  GOFLAGS='-mod=mod -p=2' GOBIN="$cache/bin" nice -n 15 go install -trimpath -ldflags '-s -w' "$1"
}

prepare() { # tools
  local tool failed=0 started
  for tool in "$@"; do
    started=$SECONDS
    if "have_$tool"; then continue; fi
    if "get_$tool" >"$cache/$tool.log" 2>&1 && "have_$tool"; then
      echo "$tool is ready ($((SECONDS - started)) s)"
    else
      echo "$tool could not be prepared: $(tail -n 1 "$cache/$tool.log")" >&2
      failed=1
    fi
  done
  return "$failed"
}

have_provider() { [ -x "$provider" ]; }
have_tflint() { command -v tflint >/dev/null; }
have_checkov() { command -v checkov >/dev/null; }
have_promtool() { command -v promtool >/dev/null; }

get_provider() {
  (cd "$cache" && build "$PROVIDER") && mkdir -p "$(dirname "$provider")" &&
    mv "$cache/bin/terraform-provider-google" "$provider"
}
get_tflint() { (cd "$cache" && build "$TFLINT"); }
get_checkov() { python3 -m venv "$cache/checkov" && nice -n 15 "$cache/checkov/bin/pip" install --quiet "$CHECKOV"; }
# Only the program: the package would start a server.
get_promtool() {
  (
    rm -rf "$cache/prometheus" && mkdir -p "$cache/prometheus" && cd "$cache/prometheus" &&
      { apt-get download prometheus || { sudo -n apt-get update -qq && apt-get download prometheus; }; } &&
      dpkg-deb -x prometheus_*.deb . && cp usr/bin/promtool "$cache/bin/" &&
      cd .. && rm -rf prometheus
  )
}

if [ "${1:-}" = --prepare ]; then
  shift
  [ $# -gt 0 ] || set -- promtool checkov provider tflint
  for tool in "$@"; do
    declare -F "get_$tool" >/dev/null || {
      echo "check-terraform.sh: there is no \"$tool\" to prepare; there are provider, promtool, tflint and checkov." >&2
      exit 2
    }
  done
  if [ -z "${SEISMO_TERRAFORM_LOCKED:-}" ]; then
    locked exclusive env SEISMO_TERRAFORM_LOCKED=1 "$PWD/scripts/check-terraform.sh" --prepare "$@"
    exit
  fi
  prepare "$@"
  exit
fi
[ $# = 0 ] || { echo "check-terraform.sh: $1 is not known; the first lines of this script say what is." >&2; exit 2; }

passed=0 failed=0 skipped=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check() { # name, command…: one line; what failed is printed in full
  local name=$1 started=$SECONDS result=0
  shift
  "$@" >"$work/output" 2>&1 || result=$?
  if [ "$result" = 0 ]; then
    passed=$((passed + 1))
    echo "ok      $name ($((SECONDS - started)) s)"
  else
    failed=$((failed + 1))
    echo "FAILED  $name ($((SECONDS - started)) s)"
    sed 's/^/        /' "$work/output"
  fi
  return "$result"
}

report_failure() { # file with what was said
  cat "$1"
  return 1
}

missing() { # name, how to get it
  if [ "${REQUIRE_PEERS:-}" = 1 ]; then
    failed=$((failed + 1))
    echo "FAILED  $1 is missing: $2"
  else
    skipped=$((skipped + 1))
    echo "skipped $1: $2"
  fi
}

finish() {
  local note=""
  [ "$skipped" = 0 ] || note=", $skipped skipped"
  echo "$passed passed, $failed failed$note"
  [ "$failed" = 0 ]
  exit
}

# Each run of `terraform test` counts as a check.
terraform_tests() {
  local result=0 line started=$SECONDS
  terraform test -no-color >"$work/output" 2>&1 || result=$?
  line=$(grep -E '^(Success|Failure)! [0-9]+ passed, [0-9]+ failed' "$work/output" | tail -n 1)
  if [ "$result" = 0 ] && [[ $line =~ ([0-9]+)\ passed,\ 0\ failed ]] && [ "${BASH_REMATCH[1]}" -gt 0 ]; then
    passed=$((passed + BASH_REMATCH[1]))
    echo "ok      terraform test: ${BASH_REMATCH[1]} runs ($((SECONDS - started)) s)"
  else
    failed=$((failed + 1))
    echo "FAILED  terraform test ($((SECONDS - started)) s)"
    sed 's/^/        /' "$work/output"
  fi
}

# Without a mock, yet without an account: where nothing is there yet, nothing has to be asked.
plan_from_nothing() { # variables
  GOOGLE_OAUTH_ACCESS_TOKEN=none terraform plan -input=false -lock=false -refresh=false -no-color \
    -var project_id=test-metrics -var alert_email=oncall@example.com "$@" >"$work/plan" 2>&1 &&
    grep -qE '^Plan: [0-9]{2,} to add, 0 to change, 0 to destroy' "$work/plan" || {
    grep -v '^  *+' "$work/plan"
    return 1
  }
}

# A file that checkov cannot read is no failure to it, and neither is seeing nothing at all.
run_checkov() {
  checkov --directory . --config-file .checkov.yaml --skip-download --compact >"$work/checkov" 2>&1 || {
    cat "$work/checkov"
    return 1
  }
  grep -qE 'Passed checks: [1-9][0-9]*, Failed checks: 0, .*' "$work/checkov" && ! grep -q 'Parsing errors' "$work/checkov" || {
    cat "$work/checkov"
    return 1
  }
}

[ "${REQUIRE_PEERS:-}" != 1 ] || locked shared true
mkdir "$work/copy"
cp -R terraform "$work/copy/"
mkdir "$work/copy/sql"
cp -R sql/migrations "$work/copy/sql/"
(cd "$work/copy/terraform" && rm -rf .terraform .terraform.lock.hcl backend.tf backend_override.tf ./*.tfvars)
alerts=$PWD/terraform/modules/monitoring
writer=$PWD/scripts/check-terraform/write-examples.js
cd "$work/copy/terraform" || exit 1

export TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1
if have_provider; then
  cat >"$work/terraformrc" <<RC
disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path    = "$mirror"
    include = ["registry.terraform.io/hashicorp/google"]
  }
}
RC
  export TF_CLI_CONFIG_FILE=$work/terraformrc
fi

if ! command -v terraform >/dev/null; then
  missing terraform "install Terraform 1.7 or newer (https://developer.hashicorp.com/terraform/install)"
else
  check "terraform fmt" terraform fmt -check -diff -recursive -no-color
  check "the examples of the modules' READMEs are there" node "$writer" .
  if ! terraform init -input=false -backend=false -no-color >"$work/init" 2>&1; then
    # Without the registry and without a provider of our own nothing below can run.
    if have_provider; then check "terraform init" report_failure "$work/init"; else
      missing "Google's provider" "scripts/check-terraform.sh --prepare provider (Go, 5 to 10 minutes), or access to registry.terraform.io"
    fi
  else
    passed=$((passed + 1))
    echo "ok      terraform init"
    check "terraform validate" terraform validate -no-color && {
      check "terraform plan in an empty project, with two variables" plan_from_nothing
      check "terraform plan in an empty project, with everything asked for" plan_from_nothing -var image=example/seismo:1 \
        -var public_api=true -var repository_id=123456789 -var billing_account=012345-6789AB-CDEF01 \
        -var 'invokers=["user:me@example.com"]' -var keep_data=true -var dataset_location=EU
      terraform_tests
    }
  fi
fi

if have_promtool; then
  check "the alerts are rules of Prometheus" promtool check rules "$alerts/alerts.yaml" "$alerts/dashboard.yaml"
  check "the alerts fire when they should, and only then" promtool test rules "$alerts/alerts.test.yaml"
else
  missing promtool "it comes with Prometheus (Debian: apt-get install prometheus), or scripts/check-terraform.sh --prepare promtool"
fi

# Tests are no configuration.
rm -rf tests
if have_tflint; then
  check tflint tflint --recursive --no-color --config="$work/copy/terraform/.tflint.hcl"
else
  missing tflint "scripts/check-terraform.sh --prepare tflint (Go, 4 minutes)"
fi
if have_checkov; then
  check checkov run_checkov
else
  missing checkov "scripts/check-terraform.sh --prepare checkov (Python, a minute)"
fi
finish
