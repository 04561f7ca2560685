# Finding and installing the tools that checks need; for `source`, by scripts/test and .ci/run.

has() { command -v "$1" >/dev/null 2>&1; }

# `need COMMAND PACKAGE...`: installs Debian packages unless the command is there. Fails, and says so, where that may not
# be done: not root, no apt-get, no such package.
need() {
  local command=$1; shift
  has "$command" && return
  if ((EUID != 0)) || ! has apt-get; then
    echo "missing: $command (Debian: $*)" >&2
    return 1
  fi
  echo "installing $*" >&2
  if [[ -z ${packages_listed:-} ]]; then
    apt-get update -qq
    packages_listed=yes
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Node.js brings npm in some packages and does not in Debian's.
need_npm() { need node nodejs && need npm npm; }

# cargo-nextest runs the tests of one binary side by side; it takes some minutes to build, once.
need_nextest() {
  has cargo-nextest && return
  echo 'installing cargo-nextest' >&2
  cargo install --locked --quiet cargo-nextest
}
