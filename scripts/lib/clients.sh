# Clients that are not ours, which the tests run against our server: Node packages and a browser. Needs steps.sh and
# packages.sh.
# shellcheck shell=bash

node_oldest=20

# Exports CONCORD_TEST_NODE_CLIENTS, the folder of the clients with their packages, and CHROMIUM, the browser's path.
provide_clients() {
  provide_node
  provide_chromium
  export CONCORD_TEST_NODE_CLIENTS="$PWD/tests/clients"
  # npm writes this list last, so a broken installation is never taken for a whole one.
  local installed=$CONCORD_TEST_NODE_CLIENTS/node_modules/.package-lock.json
  if [[ ! -f "$installed" || "$CONCORD_TEST_NODE_CLIENTS/package-lock.json" -nt "$installed" ]]; then
    run npm ci --prefix "$CONCORD_TEST_NODE_CLIENTS" --no-audit --no-fund --ignore-scripts
  fi
  say "node $(node --version), $CHROMIUM"
}

# Makes sure of a Node.js that is new enough, with npm.
provide_node() {
  if ! node_is_new_enough && can_install; then
    install_packages nodejs npm
  fi
  node_is_new_enough || fail "Node.js $node_oldest or newer with npm is needed, and was not found."
}

# Whether the Node.js in PATH will do.
node_is_new_enough() {
  command -v node >/dev/null && command -v npm >/dev/null || return 1
  local version
  version=$(node --version)
  version=${version#v}
  ((${version%%.*} >= node_oldest))
}

# Finds a browser, or installs one.
provide_chromium() {
  if [[ -z "${CHROMIUM-}" ]]; then
    CHROMIUM=$(find_chromium)
    if [[ -z "$CHROMIUM" ]] && can_install; then
      install_packages chromium
      CHROMIUM=$(find_chromium)
    fi
  fi
  [[ -x "$CHROMIUM" ]] || fail "no browser was found. Install Chromium (Debian: chromium), or set CHROMIUM to its path."
  export CHROMIUM
}

# Prints the path of a browser in PATH, if there is one.
find_chromium() {
  command -v chromium || command -v chromium-browser || command -v google-chrome || true
}
