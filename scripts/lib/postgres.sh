# A PostgreSQL server for the tests. Needs steps.sh and packages.sh.
# shellcheck shell=bash

: "${work_dir:?source steps.sh first}"

postgres_oldest=15
postgres_bin=
postgres_dir=$work_dir/postgres
postgres_user=

# Exports CONCORD_TEST_POSTGRES: the server that the environment names, or a private one that ends with the script.
provide_postgres() {
  if [[ -n "${CONCORD_TEST_POSTGRES-}" ]]; then
    say 'using the server that CONCORD_TEST_POSTGRES names'
    export CONCORD_TEST_POSTGRES
    return
  fi
  postgres_bin=$(find_postgres)
  if [[ -z "$postgres_bin" ]] && can_install; then
    install_postgres
    postgres_bin=$(find_postgres)
  fi
  if [[ -z "$postgres_bin" ]]; then
    fail "no PostgreSQL server $postgres_oldest or newer was found. Install one (Debian: postgresql), or set" \
      'CONCORD_TEST_POSTGRES to the postgres:// URL of a role that may create databases and extensions.'
  fi
  start_postgres
}

# Prints the folder of the newest server that is new enough, if there is one. Its programs are used together: a
# wrapper or link elsewhere in PATH may belong to another version.
find_postgres() {
  local candidates=(/usr/lib/postgresql/*/bin /usr/pgsql-*/bin)
  local program
  if program=$(command -v postgres); then
    candidates+=("$(dirname "$(readlink -f "$program")")")
  fi
  if command -v pg_config >/dev/null; then
    candidates+=("$(pg_config --bindir)")
  fi
  local folder version newest=$((postgres_oldest - 1)) found=
  for folder in "${candidates[@]}"; do
    [[ -x "$folder/postgres" && -x "$folder/initdb" && -x "$folder/pg_ctl" ]] || continue
    version=$("$folder/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*$/\1/')
    if ((version > newest)); then
      newest=$version
      found=$folder
    fi
  done
  printf '%s' "$found"
}

# Installs the server from Debian's packages, without the cluster that they would create and start on port 5432.
install_postgres() {
  local setting=/etc/postgresql-common/createcluster.d/concord-test.conf
  mkdir -p "$(dirname "$setting")"
  echo 'create_main_cluster = false' >"$setting"
  install_packages postgresql
  rm -f "$setting"
}

# Runs a program as the user that owns the server: PostgreSQL refuses to run as root.
as_postgres_user() {
  if [[ -n "$postgres_user" ]]; then
    (cd "$postgres_dir" && PATH=$PATH:/usr/sbin runuser -u "$postgres_user" -- "$@")
  else
    "$@"
  fi
}

# Creates an empty cluster and starts its server on a free port of the loopback address.
start_postgres() {
  mkdir "$postgres_dir"
  if [[ "$(id -u)" -eq 0 ]]; then
    postgres_user=nobody
    if id postgres >/dev/null 2>&1; then
      postgres_user=postgres
    fi
    chown "$postgres_user" "$postgres_dir"
  fi

  # Sorted as people sort: a query that forgets to ask for the order of bytes shows.
  as_postgres_user "$postgres_bin/initdb" --pgdata="$postgres_dir/data" --username=concord_test --auth=trust \
    --encoding=UTF8 --locale=C --locale-provider=icu --icu-locale=en-US --no-sync >"$work_dir/initdb.log" 2>&1 ||
    fail "initdb failed: $(cat "$work_dir/initdb.log")"

  cat >>"$postgres_dir/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$postgres_dir'
max_connections = 300
# Nothing here outlives the run.
fsync = off
synchronous_commit = off
full_page_writes = off
# Tests count the statements that the database saw.
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track = 'top'
pg_stat_statements.max = 10000
CONF

  at_exit stop_postgres
  # A port may be taken by another program at any moment, so try a few.
  local port _
  for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 10000))
    if as_postgres_user "$postgres_bin/pg_ctl" start --wait --silent --pgdata="$postgres_dir/data" \
      --log="$postgres_dir/log" --options="-p $port" >"$work_dir/pg_ctl.log" 2>&1; then
      export CONCORD_TEST_POSTGRES="postgres://concord_test@127.0.0.1:$port/postgres"
      say "started $("$postgres_bin/postgres" --version) of $postgres_bin on port $port"
      return
    fi
  done
  fail "PostgreSQL did not start: $(cat "$postgres_dir/log" "$work_dir/pg_ctl.log" 2>&1)"
}

# Stops the private server. Its files go with the work folder.
stop_postgres() {
  if [[ -f "$postgres_dir/data/postmaster.pid" ]]; then
    as_postgres_user "$postgres_bin/pg_ctl" stop --mode=immediate --silent --pgdata="$postgres_dir/data"
  fi
}
