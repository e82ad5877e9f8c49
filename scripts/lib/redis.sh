# The Redis server that tests start for themselves. Needs steps.sh and packages.sh.
# shellcheck shell=bash

redis_oldest=7

# Exports CONCORD_TEST_REDIS, the path of the server's program. Tests kill, fill and flush their servers, so each starts
# its own.
provide_redis() {
  if [[ -z "${CONCORD_TEST_REDIS-}" ]]; then
    CONCORD_TEST_REDIS=$(command -v redis-server || true)
    if [[ -z "$CONCORD_TEST_REDIS" ]] && can_install; then
      install_redis
      CONCORD_TEST_REDIS=$(command -v redis-server || true)
    fi
  fi
  [[ -x "$CONCORD_TEST_REDIS" ]] ||
    fail "no Redis server was found. Install one (Debian: redis-server), or set CONCORD_TEST_REDIS to its path."
  # Its tests make certificates.
  if ! command -v openssl >/dev/null; then
    can_install || fail 'openssl was not found. Install it.'
    install_packages openssl
  fi
  local version
  version=$("$CONCORD_TEST_REDIS" --version | sed -E 's/.* v=([0-9]+).*/\1/')
  ((version >= redis_oldest)) || fail "Redis $redis_oldest or newer is needed, and $CONCORD_TEST_REDIS is older."
  export CONCORD_TEST_REDIS
  say "$("$CONCORD_TEST_REDIS" --version)"
}

# Installs the server from Debian's package, without the service that it would start on port 6379.
install_redis() {
  local policy=/usr/sbin/policy-rc.d
  if [[ -e "$policy" ]]; then
    install_packages redis-server
    return
  fi
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  install_packages redis-server
  rm -f "$policy"
}
