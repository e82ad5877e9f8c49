# Clients that are not ours, which the tests run against our server: Node and Python packages and a browser. Needs steps.sh and
# packages.sh.
# shellcheck shell=bash

node_oldest=20

# Exports CONCORD_TEST_NODE_CLIENTS, the folder of the clients with their packages, CONCORD_TEST_PYTHON, an interpreter
# with the packages of those in Python, and CHROMIUM, the browser's path.
provide_clients() {
  provide_node
  provide_chromium
  export CONCORD_TEST_NODE_CLIENTS="$PWD/tests/clients"
  # npm writes this list last, so a broken installation is never taken for a whole one.
  local installed=$CONCORD_TEST_NODE_CLIENTS/node_modules/.package-lock.json
  if [[ ! -f "$installed" || "$CONCORD_TEST_NODE_CLIENTS/package-lock.json" -nt "$installed" ]]; then
    run npm ci --prefix "$CONCORD_TEST_NODE_CLIENTS" --no-audit --no-fund --ignore-scripts
  fi
  provide_python
  say "node $(node --version), $("$CONCORD_TEST_PYTHON" --version), $CHROMIUM"
}

# Makes an environment of Python below target/ with the packages, each pinned by its hash.
provide_python() {
  if [[ -n "${CONCORD_TEST_PYTHON-}" ]]; then
    export CONCORD_TEST_PYTHON
    return
  fi
  local wanted=tests/clients/python/requirements.txt folder=$PWD/target/tools/python
  export CONCORD_TEST_PYTHON=$folder/bin/python
  # Copied last, so a broken installation is never taken for a whole one.
  if cmp --silent "$wanted" "$folder/requirements.txt"; then
    return
  fi
  rm -rf "$folder"
  if ! python3 -c 'import ensurepip, venv' 2>/dev/null && can_install; then
    install_packages python3 python3-venv
  fi
  python3 -m venv "$folder" || fail 'Python 3.10 or newer with its module venv is needed (Debian: python3-venv).'
  run "$CONCORD_TEST_PYTHON" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
    --requirement "$wanted"
  cp "$wanted" "$folder/requirements.txt"
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
