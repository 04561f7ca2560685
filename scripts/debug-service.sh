# To be sourced: a service of one's own in debug mode, for scripts that call it from outside. Its data is in a temporary
# folder, `$work`, which goes at the end together with the service.

work=$(mktemp -d)
service=''
finish() {
  local status=$?
  trap - EXIT
  [[ -z $service ]] || { kill "$service" 2>/dev/null && wait "$service" || true; }
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

# Becomes a command of clinic-auth in the service's folder, with nothing of the caller's configuration; for a subshell.
become_clinic_auth() {
  cd "$work/service"
  exec env -i PATH="$PATH" PORT=0 CLINIC_AUTH__SERVICE__DEBUG=true "${settings[@]}" "$binary" "$@"
}

# Builds and starts the service with these variables (NAME=VALUE); sets `base_url` and `binary`.
start_service() {
  settings=("$@")
  mkdir "$work/service"
  cargo build --quiet --locked
  binary=$(cargo metadata --locked --no-deps --format-version 1 | sed -E 's/.*"target_directory":"([^"]+)".*/\1/')/debug/clinic-auth
  become_clinic_auth >"$work/service.log" 2>&1 &
  service=$!
  local port=''
  for _ in $(seq 150); do
    port=$(sed -nE 's/.*listening on [^ ]*:([0-9]+)$/\1/p' "$work/service.log")
    if [[ -n $port ]] && grep -q ' ready$' "$work/service.log"; then
      base_url=http://127.0.0.1:$port
      return
    fi
    kill -0 "$service" 2>/dev/null || break
    sleep 0.2
  done
  echo 'The service did not start; its log:' >&2
  cat "$work/service.log" >&2
  exit 1
}

# Makes demo accounts; sets `login` and `password` of the one with this role.
demo_account() {
  [[ -f $work/demo ]] || (become_clinic_auth demo-data) >"$work/demo"
  read -r login password < <(awk -v role="$1" '$1 == role { print $2, $NF }' "$work/demo")
}
