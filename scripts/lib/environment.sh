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
}

digest() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c 1-20
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
  build=$(mktemp -d "$cache/build.XXXXXX")
  trap 'close_workshop $?' EXIT
  cd -- "$build"
}

close_workshop() { # STATUS
  rm -rf -- "$build"
  [ "$1" = 0 ] || die 3 "$what could not be installed; where packages come from a mirror, set PIP_INDEX_URL to it"
}

# `--target` because a system's Python may refuse to be installed into (PEP 668).
install_uv() ( # TO
  open_workshop "uv $pinned_uv"
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
  uv="$cache/uv-$pinned_uv-$(uname -sm | digest)/bin/uv"
  [ -x "$uv" ] || install_uv "${uv%/bin/uv}"
}

# `uv sync --frozen` takes the addresses in the lock and passes a user's mirror by; the hashes are what matters.
build_environment() ( # TO EXPORT_FLAG…
  open_workshop "the packages that logbook needs"
  to=$1
  shift
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
  printf '%s\n' "$package" "$(uname -sm)" "$(command -v python3 && python3 -V 2>&1)" "$@" | cat - uv.lock | digest
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
