#!/usr/bin/env bash
# Builds the image and proves what docs/container.md says of it, on a machine without a container engine.
#
#   sudo scripts/prove-image.sh [DIRECTORY]     DIRECTORY (about 1 GB) is kept and its base used again;
#                                               without it, a temporary one is used and deleted
#
# Needs Debian with root, debootstrap and buildah, and .venv of this checkout (`make test` or `make demo` makes it).
# buildah builds the Dockerfile in a chroot, on a base that debootstrap makes from the mirror of this machine's apt.
# The image then runs as an engine would run it: its own entry point, command, environment and user, as process 1 of
# a process namespace, without capabilities, on a read-only root. Only the network is this machine's own, because the
# sandbox, which stands in for both vendors, answers on loopback.
set -euo pipefail
umask 022

repository=$(cd "$(dirname "$0")/.." && pwd)
python=$repository/.venv/bin/python
base=localhost/okoshi-base image=localhost/okoshi
cycle_seconds=300 stop_seconds=20

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || fail "not root: sudo $0"
[ -x "$python" ] || fail "no .venv: make demo"
for tool in debootstrap buildah setpriv unshare; do
    command -v "$tool" >/dev/null || fail "no $tool: apt-get install debootstrap buildah util-linux"
done

if [ $# -gt 0 ]; then
    mkdir -p "$1"
    work=$(cd "$1" && pwd) kept=yes
else
    work=$(mktemp -d) kept=
fi
chmod 700 "$work" # credentials of the sandbox and of pip stand there
mkdir -p "$work/tmp"
export TMPDIR=$work/tmp

sandbox='' scheduled=''
clean() {
    [ -z "$scheduled" ] || kill -KILL "$scheduled" 2>/dev/null || true
    [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true
    wait
    rm -rf "$work"/{root,context,sandbox,volume,secrets,tmp,pip.conf,ca.pem,ready.json,sandbox.env} "$work"/*.log
    [ -n "$kept" ] || rm -rf "$work"
}
trap clean EXIT

store() { buildah --root "$work/store" --runroot "$work/runroot" --storage-driver vfs "$@"; }

# ---- The image ------------------------------------------------------------------------------------------------------

make_base() {
    local mirror suite
    read -r mirror suite < <(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages') || true
    [ -n "${suite:-}" ] || fail "apt knows no mirror: apt-get update"
    mkdir -p "$work/context"
    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates \
        "$suite" "$work/base" "$mirror" >"$work/debootstrap.log" || fail "debootstrap: $(tail -3 "$work/debootstrap.log")"
    rm -rf "$work"/base/var/cache/apt/archives/*.deb "$work"/base/var/lib/apt/lists/*
    chmod 755 "$work/base"
    tar -C "$work/base" --one-file-system --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' \
        -cf "$work/context/base.tar" .
    printf '%s\n' 'FROM scratch' 'ADD base.tar /' \
        'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' >"$work/context/Dockerfile"
    store build --quiet --isolation chroot --tag "$base" "$work/context" >/dev/null
    rm -rf "$work"/{root,context}
}

# What pip is told on this machine (index, proxy, CA), as secrets of the build: they reach no layer.
pip_settings() {
    local authority=/etc/ssl/certs/ca-certificates.crt own
    own=$("$python" -m pip config list | sed -n "s/^[^.]*\.cert='\(.*\)'$/\1/p" | head -1)
    cp "${own:-$authority}" "$work/ca.pem"
    {
        printf '[global]\ncert = /run/secrets/ca\n'
        "$python" -m pip config list | sed -n "s/^[^.]*\.\([a-z-]*\)='\(.*\)'$/\1 = \2/p" | sed 's/^default-//' |
            grep -E '^(index-url|extra-index-url|trusted-host|proxy|timeout) ' | awk '!seen[$1]++' || true
    } >"$work/pip.conf"
}

say "Base"
store inspect --type image "$base" >/dev/null 2>&1 || make_base

say "Image"
pip_settings
# The format `docker` keeps the health check; OCI's own knows none.
store build --format docker --isolation chroot --network host --build-arg "BASE_IMAGE=$base" \
    --secret "id=pip.conf,src=$work/pip.conf" --secret "id=ca,src=$work/ca.pem" \
    --tag "$image" "$repository" >"$work/build.log" 2>&1 || fail "build: $(tail -20 "$work/build.log")"
store images

# ---- Running it as an engine would ----------------------------------------------------------------------------------

container=$(store from "$image")
rootfs=$(store mount "$container")
volume=$work/volume
# An engine gives a fresh volume the owner and mode that the image's directory has.
mkdir -p "$work/secrets"
cp -a "$rootfs/data" "$volume"

declared() { # one value of the image's configuration, a line each
    store inspect --type image "$image" | "$python" -c '
import json, sys
value = json.load(sys.stdin)["Docker"]["config"]
for key in sys.argv[1].split("."):
    value = value[key]
print(*value if isinstance(value, list) else [value], sep="\n")' "$1"
}
mapfile -t entrypoint < <(declared Entrypoint)
mapfile -t default < <(declared Cmd)
mapfile -t environment < <(declared Env)
mapfile -t health < <(declared Healthcheck.Test)
user=$(declared User) directory=$(declared WorkingDir)
[[ $user =~ ^[1-9][0-9]*:[1-9][0-9]*$ ]] || fail "the user is '$user', no number other than root's"

# contained [NAME=VALUE...] COMMAND...: what `docker run --read-only --cap-drop ALL --security-opt no-new-privileges
# --tmpfs /tmp -v volume:/data -v secrets:/run/secrets:ro --env-file sandbox.env` does.
contained() {
    exec unshare --mount --pid --ipc --uts --fork --kill-child -- /bin/bash -euc '
        rootfs=$1 volume=$2 shared=$3 user=$4 directory=$5; shift 5
        mount --make-rprivate /
        mount --bind "$rootfs" "$rootfs"
        mount -t proc -o nosuid,nodev,noexec proc "$rootfs/proc"
        mount -t tmpfs -o mode=755 tmpfs "$rootfs/dev"
        for device in null zero full random urandom; do
            touch "$rootfs/dev/$device"
            mount --bind "/dev/$device" "$rootfs/dev/$device"
        done
        mount -t tmpfs -o nosuid,nodev tmpfs "$rootfs/tmp"
        mount -t tmpfs -o nosuid,nodev,mode=755 tmpfs "$rootfs/run"
        mkdir -m 755 "$rootfs/run/secrets"
        mount --bind "$shared" "$rootfs/run/secrets"
        mount -o remount,bind,ro "$rootfs/run/secrets"
        mount -o remount,ro "$rootfs/run"
        mount -o remount,ro "$rootfs/dev"
        mount --bind "$volume" "$rootfs/data"
        mount -o remount,bind,ro "$rootfs"
        exec setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+sys_chroot,+setuid,+setgid \
            chroot --userspec="$user" --groups= "$rootfs" \
            /bin/sh -c '\''cd "$1"; shift; exec env -i "$@"'\'' sh "$directory" "$@"
    ' bash "$rootfs" "$volume" "$work/secrets" "$user" "$directory" "${environment[@]}" "${vendors[@]}" "$@"
}
okoshi() { (contained "${entrypoint[@]}" "$@"); }
healthy() { (contained "$@" "${health[@]:1}"); }

say "Sandbox"
cd "$repository"
"$python" -m connector.sandbox --scale 0.1 --directory "$work/sandbox" \
    --ready-file "$work/ready.json" --env-file "$work/sandbox.env" 2>"$work/sandbox.log" &
sandbox=$!
for _ in $(seq 240); do
    [ -s "$work/ready.json" ] && break
    kill -0 "$sandbox" 2>/dev/null || fail "sandbox: $(tail -3 "$work/sandbox.log")"
    sleep 0.5
done
ready() { "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/ready.json" "$1"; }
control=$(ready control_url)
chmod 755 "$work/secrets"
install -m 644 "$(ready ca_bundle)" "$work/secrets/ca.pem"
mapfile -t vendors < <(grep '^OKOSHI_' "$work/sandbox.env" | grep -vE '_(CA_BUNDLE|PRIVATE_KEY_FILE)=')
vendors+=(OKOSHI_SALESFORCE__CA_BUNDLE=/run/secrets/ca.pem OKOSHI_HUBSPOT__CA_BUNDLE=/run/secrets/ca.pem)
writes() {
    "$python" -c 'import sys, urllib.request as http
opened = http.build_opener(http.ProxyHandler({})).open(sys.argv[1] + "/journal")
print(sum(1 for line in opened if line.strip()))' "$control"
}

# ---- What is claimed ------------------------------------------------------------------------------------------------

say "Not root, no capabilities, nothing writable but the volume and /tmp"
(contained /bin/sh -euc '
    echo "user $(id -u):$(id -g), process $$"
    grep -E "^(CapPrm|CapEff|NoNewPrivs)" /proc/self/status
    [ "$(id -u)" != 0 ]
    grep -qE "^CapEff:\s0+$" /proc/self/status
    for place in / /etc /opt/okoshi /usr /var/tmp /dev /run; do
        if (: >"$place/probe") 2>/dev/null; then echo "$place can be written"; exit 1; fi
    done
    grep -q " / [^ ]* *ro[ ,]" /proc/self/mountinfo
    : >/data/probe; rm /data/probe; : >/tmp/probe') || fail "not contained"

say "Before the first run the health check passes"
healthy || fail "unhealthy before the first run"

say "The default command: ${entrypoint[*]} ${default[*]}"
before=$(writes)
okoshi "${default[@]}" || fail "exit $?"
first=$(($(writes) - before))
echo "written to the vendors: $first"
[ "$first" -gt 0 ] || fail "nothing written"

say "The same again"
okoshi "${default[@]}" || fail "exit $?"
again=$(($(writes) - before - first))
echo "written to the vendors: $again"
[ "$again" = 0 ] || fail "written twice"

say "The health check: ${health[*]:1}"
SECONDS=0
healthy || fail "unhealthy after a good run"
echo "took about $SECONDS s"
if healthy OKOSHI_NOW=2099-01-01T00:00:00Z; then fail "healthy although no run ended for years"; fi

say "State"
ls -ln "$volume"

say "Secrets as files instead of the environment"
plain=()
for setting in "${vendors[@]}"; do
    name=${setting%%=*}
    case $name in
    *SECRET | *TOKEN) install -m 400 -o "${user%:*}" /dev/stdin "$work/secrets/${name#OKOSHI_}" <<<"${setting#*=}" ;;
    *) plain+=("$setting") ;;
    esac
done
[ "${#plain[@]}" -lt "${#vendors[@]}" ] || fail "the sandbox gave no secrets"
vendors=("${plain[@]}")
ls -ln "$work/secrets"
okoshi plan --quiet || fail "exit $?"

# scheduled_until TEXT: the command of compose.yaml in the background, until its log says TEXT.
mapfile -t command < <("$python" -c '
import yaml
print(*yaml.safe_load(open("compose.yaml"))["services"]["okoshi"]["command"], sep="\n")')
scheduled_until() {
    contained OKOSHI_LOG__FORMAT=json "${entrypoint[@]}" "${command[@]}" >"$work/scheduled.log" 2>&1 &
    scheduled=$!
    for _ in $(seq $((cycle_seconds * 10))); do
        grep -q "$1" "$work/scheduled.log" && return
        kill -0 "$scheduled" 2>/dev/null || fail "ended: $(tail -3 "$work/scheduled.log")"
        sleep 0.1
    done
    fail "nothing of $1 within $cycle_seconds s: $(tail -3 "$work/scheduled.log")"
}

# SIGTERM to process 1 of the container, as `docker stop` sends it; the exit code must be 0.
stopped() {
    local process code=0
    process=$(tr -d ' ' <"/proc/$scheduled/task/$scheduled/children") # of unshare, whose only child it is
    kill -TERM "$process"
    for _ in $(seq $((stop_seconds * 10))); do
        kill -0 "$scheduled" 2>/dev/null || break
        sleep 0.1
    done
    ! kill -0 "$scheduled" 2>/dev/null || fail "still alive $stop_seconds s after SIGTERM"
    wait "$scheduled" || code=$?
    scheduled=
    [ "$code" = 0 ] || fail "exit $code after SIGTERM"
    grep '"cycle ended"' "$work/scheduled.log" || fail "the cycle did not end"
    echo "exit 0 after SIGTERM"
}

say "On a schedule (${command[*]}, as compose.yaml has it): SIGTERM between two cycles"
scheduled_until '"cycle ended"'
healthy || fail "unhealthy beside the schedule"
stopped

say "SIGTERM within a cycle: it finishes first"
scheduled_until '"stream read"'
grep -q '"cycle ended"' "$work/scheduled.log" && fail "the cycle was over already"
stopped

total=$(($(writes) - before))
[ "$total" = "$first" ] || fail "written twice: $total instead of $first"
say "Proven: $total writes in all, each once"
