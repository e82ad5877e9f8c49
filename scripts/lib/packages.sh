# Installing Debian packages, where that is possible. Needs steps.sh.
# shellcheck shell=bash

package_lists_updated=false

# Whether packages can be installed: as root, where apt is.
can_install() {
  [[ "$(id -u)" -eq 0 ]] && command -v apt-get >/dev/null
}

# Installs Debian packages by name.
install_packages() {
  say "installing $*"
  if ! $package_lists_updated; then
    run apt-get update -q
    package_lists_updated=true
  fi
  run env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"
}
