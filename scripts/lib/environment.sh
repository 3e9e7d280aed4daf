# Sourced by scripts/run and scripts/check: a locked environment, built once and afterwards only found.
# Nothing here reads the directory it was called from, because a work tree is not to be trusted.

tested_uv='uv (0\.(9|10|11|12|13)\.[0-9]+)( .*)?'
pinned_uv=0.13.9
package=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)

die() { # EXIT_CODE MESSAGE
  printf 'logbook: %s\n' "$2" >&2
  exit "$1"
}

refuse_windows() {
  case "$(uname -s)" in
    Linux | Darwin) ;;
    *) die 2 'logbook runs on Linux and macOS: use a job with `runs-on: ubuntu-latest`, or WSL on a Windows machine' ;;
  esac
}

# What says where packages come from and how to get there is the user's; the rest would change what is installed.
forget_settings() {
  local name
  for name in "${!UV_@}" "${!PIP_@}"; do
    case "$name" in
      UV_INDEX | UV_INDEX_* | UV_DEFAULT_INDEX | UV_EXTRA_INDEX_URL | UV_FIND_LINKS | UV_OFFLINE) ;;
      UV_HTTP_* | UV_NATIVE_TLS | UV_SYSTEM_CERTS | UV_INSECURE_HOST | UV_KEYRING_PROVIDER) ;;
      UV_CACHE_DIR | UV_CONCURRENT_* | UV_PYTHON_INSTALL_* | UV_NO_PROGRESS) ;;
      PIP_INDEX_URL | PIP_EXTRA_INDEX_URL | PIP_FIND_LINKS | PIP_NO_INDEX | PIP_CONFIG_FILE | PIP_CACHE_DIR) ;;
      PIP_CERT | PIP_CLIENT_CERT | PIP_TRUSTED_HOST | PIP_PROXY | PIP_*TIMEOUT | PIP_RETRIES | PIP_KEYRING_PROVIDER) ;;
      *) unset "$name" ;;
    esac
  done
  unset PYTHONPATH PYTHONSTARTUP PYTHONHOME
  export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
  # uv does not know pip's name for a mirror.
  if [ -n "${PIP_INDEX_URL:-}" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    export UV_DEFAULT_INDEX="$PIP_INDEX_URL"
  fi
}

find_cache() { # sets $cache
  cache="${RUNNER_TEMP:-${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}}"
  [ -n "$cache" ] || die 2 'there is no place to install into: set HOME'
  cache="$cache/research-logbook"
  mkdir -p -- "$cache"
  clear_workshops
}

digest() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c 1-20
}

is_musl() { # as in Alpine
  [[ "$(ldd --version 2>&1 || true)" == *musl* ]]
}

platform() {
  uname -sm
  if is_musl; then printf 'musl\n'; fi
}

# A rename, so that nobody sees half of it. When another process was first, this one's lands inside, and goes.
publish() { # FROM TO
  mv -- "$1" "$2" || [ -d "$2" ]
  rm -rf -- "${2:?}/${1##*/}"
}

# Makes a folder to build in, and leaves nothing of it behind. It stands there, because even a version manager's
# `python3` would read a file of the work tree.
open_workshop() { # WHAT
  what=$1
  build=$(mktemp -d "$cache/build.$(uname -n).$$.XXXXXX")
  trap 'close_workshop $?' EXIT
  trap 'what=; exit 129' HUP
  trap 'what=; exit 130' INT
  trap 'what=; exit 143' TERM
  cd -- "$build"
}

# What was killed outright could not clear up after itself, so the next run does. A folder's name says which machine and
# which process it belongs to: a cache can be shared, and another process may be at work.
clear_workshops() {
  local folder owner
  for folder in "$cache/build.$(uname -n)".*; do
    owner=${folder%.*}
    owner=${owner##*.}
    if [ -d "$folder" ] && ! kill -0 "$owner" 2>/dev/null && [ ! -e "/proc/$owner" ]; then rm -rf -- "$folder"; fi
  done
}

close_workshop() { # STATUS
  cd / # some systems remove no folder that a process stands in
  rm -rf -- "$build"
  if [ "$1" = 0 ] || [ -z "$what" ]; then return; fi # it is done, or somebody ended it
  explain_python
  die 3 "$what could not be installed; where packages come from a mirror, set PIP_INDEX_URL to it"
}

# What can be wrong with the Python of a machine, where an installation failed.
explain_python() {
  local get='in a container of Debian or Ubuntu: `apt-get update && apt-get install --yes python3 python3-venv`'
  command -v python3 >/dev/null || die 2 "there is no python3: install Python 3.11 to 3.15; $get"
  python3 -I -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 16))' 2>/dev/null ||
    die 2 "$(python3 -V 2>&1) is not one that logbook runs with: install Python 3.11 to 3.15, with \`actions/setup-python\` for instance"
  python3 -I -c 'import pip' 2>/dev/null || python3 -I -c 'import ensurepip' 2>/dev/null ||
    die 2 "this python3 has neither pip nor venv: install them; $get"
}

# `--target` because a system's Python may refuse to be installed into (PEP 668).
install_uv() ( # TO
  open_workshop "uv $pinned_uv"
  command -v python3 >/dev/null || exit 1
  python=python3
  if ! python3 -I -c 'import pip' 2>/dev/null; then
    python3 -I -m venv venv
    python=venv/bin/python
  fi
  "$python" -I -m pip install --quiet --require-hashes --no-deps --only-binary=:all: \
    --target uv --requirement "$package/scripts/uv.txt"
  publish uv "$1"
)

find_uv() { # sets $uv
  uv=$(command -v uv || true)
  if [ -n "$uv" ] && [[ "$(cd / && "$uv" --version 2>/dev/null)" =~ ^$tested_uv$ ]]; then return; fi
  uv="$cache/uv-$pinned_uv-$(platform | digest)/bin/uv"
  [ -x "$uv" ] || install_uv "${uv%/bin/uv}"
}

# `uv sync --frozen` takes the addresses in the lock and passes a user's mirror by; the hashes are what matters.
build_environment() ( # TO EXPORT_FLAG…
  open_workshop "the packages that logbook needs"
  to=$1
  shift
  # There are no wheels of RE2 for musl, which only `held-back` needs: it says so.
  if is_musl; then set -- "$@" --no-emit-package google-re2; fi
  "$uv" export --quiet --no-config --frozen --no-emit-project --project "$package" "$@" --output-file locked.txt
  # The Pythons that wheels were locked for.
  "$uv" venv --quiet --no-config --no-project --relocatable --python-preference system --python '>=3.11,<3.16' new
  "$uv" pip install --quiet --no-config --no-deps --require-hashes --only-binary :all: \
    --python new/bin/python --requirements locked.txt
  # As hexadecimal digits: Python reads the file in the locale's encoding, which may lack a letter of the path.
  bytes=$(printf '%s' "$package/scripts" | od -A n -v -t x1 | tr -d ' \n')
  for site in new/lib/python*/site-packages; do
    printf 'import os, sys; sys.path.append(os.fsdecode(bytes.fromhex("%s")))\n' "$bytes" >"$site/research_logbook.pth"
  done
  publish new "$to"
)

# The name of an environment says all that went into it, so no two versions ever share one.
name_environment() { # EXPORT_FLAG…
  cd -- "$package"
  printf '%s\n' "$package" "$(platform)" "$(command -v python3 && python3 -V 2>&1)" "$@" | cat - uv.lock | digest
}

find_environment() { # EXPORT_FLAG…; sets $environment
  refuse_windows
  forget_settings
  find_cache
  environment="$cache/$(name_environment "$@")"
  if [ -d "$environment" ]; then
    if [ -x "$environment/bin/python" ]; then return; fi
    rm -rf -- "$environment" # the Python that it was made for is gone
  fi
  find_uv
  build_environment "$environment" "$@"
}
