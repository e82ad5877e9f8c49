# Steps that are timed and named when they fail, and the cleaning up after them. Source it first.
# shellcheck shell=bash

# Prints how many KiB of memory may still be taken: by the machine, and by the group of processes that this one is in.
available_memory() {
  local least limit used
  least=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
  if limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null) && [[ "$limit" != max ]]; then
    used=$(cat /sys/fs/cgroup/memory.current)
    ((least <= (limit - used) / 1024)) || least=$(((limit - used) / 1024))
  fi
  echo "${least:-0}"
}

# Prints the folder for what does not outlive the script: TMPDIR where it is set, else memory where there is plenty of it,
# else /tmp. A database is copied for each test, which takes eight times the processor time where a disk is below it.
# Memory is for users of the system alone: what others have there may be removed when they log out elsewhere.
temporary() {
  local memory=/dev/shm plenty=$((8 * 1024 * 1024))
  if [[ -z "${TMPDIR-}" && -w "$memory" && "$(id -u)" -lt 1000 ]] && grep -q " $memory tmpfs " /proc/mounts 2>/dev/null &&
    ! grep -q " $memory tmpfs [^ ]*noexec" /proc/mounts; then
    if (($(df -Pk "$memory" | awk 'NR == 2 { print $4 }') >= plenty && $(available_memory) >= plenty)); then
      echo "$memory"
      return
    fi
  fi
  echo "${TMPDIR:-/tmp}"
}

work_dir=$(mktemp -d "$(temporary)/concord.XXXXXX")
# A database server started for root runs as another user and has to pass through.
chmod 711 "$work_dir"

script_name=scripts/$(basename "$0")
current_step=
running_group=
begun_group=
begun_log=$work_dir/begun.log
cleanups=()

# Prints one line about what is being done.
say() {
  printf '    %s\n' "$*"
}

# Ends the script with a message for the person who started it.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs a function or command under a title and prints how long it took. Usage: step TITLE COMMAND...
step() {
  current_step=$1
  local started=$SECONDS
  printf '\n==> %s [at %d s]\n' "$current_step" "$SECONDS"
  shift
  "$@"
  printf '    %s: %d s\n' "$current_step" "$((SECONDS - started))"
  current_step=
}

# Runs a command in a process group of its own, so that it can be ended with its children. Do not use it in a
# condition: there bash would pass over the failures inside.
run() {
  set -m
  "$@" </dev/null &
  running_group=$!
  set +m
  local status=0
  wait "$running_group" || status=$?
  end_running
  return "$status"
}

# Ends what is left of the last `run`: politely, and after five seconds for good.
end_running() {
  local group=$running_group
  running_group=
  [[ -n "$group" ]] || return 0
  kill -TERM -- "-$group" 2>/dev/null || return 0
  local _
  for _ in {1..50}; do
    kill -0 -- "-$group" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL -- "-$group" 2>/dev/null || true
}

# Begins a function beside what follows; one at a time. What it exports is lost, so it is to be called again after
# `await`, and then finds everything there. Usage: begin COMMAND...
begin() {
  set -m
  (
    trap end_running EXIT
    trap 'exit 143' TERM
    "$@"
  ) </dev/null >"$begun_log" 2>&1 &
  begun_group=$!
  set +m
}

# Waits for what was begun, prints what it said, and fails if it failed.
await() {
  local status=0
  wait "$begun_group" || status=$?
  begun_group=
  cat "$begun_log"
  return "$status"
}

# Ends what was begun and not waited for.
end_begun() {
  [[ -z "$begun_group" ]] || kill -TERM -- "-$begun_group" 2>/dev/null || true
}

# Registers a function to be called when the script ends, whichever way it ends. The last one is called first.
at_exit() {
  cleanups=("$1" ${cleanups[@]+"${cleanups[@]}"})
}

# Prints the closing line of a script whose steps all passed.
finished() {
  printf '\n%s: passed in %d s\n' "$script_name" "$SECONDS"
}

# Cleans up, and names the step that failed.
on_exit() {
  local status=$?
  trap - EXIT
  # A second signal must not cut the cleaning short.
  trap '' INT TERM HUP
  set +e
  end_running
  end_begun
  local cleanup
  for cleanup in ${cleanups[@]+"${cleanups[@]}"}; do
    "$cleanup"
  done
  rm -rf "$work_dir"
  if ((status != 0)); then
    printf '\n%s: FAILED%s after %d s (exit code %d)\n' \
      "$script_name" "${current_step:+ at \"$current_step\"}" "$SECONDS" "$status" >&2
  fi
  exit "$status"
}

trap on_exit EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
