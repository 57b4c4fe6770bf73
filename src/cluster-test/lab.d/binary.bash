# The lab's binaries (kubelab and pause), built once per what they are made of and kept outside the repository.
# shellcheck shell=bash

SOURCES=$LAB_HOME/kubelab
KUBERNETES=$(awk '$1 == "k8s.io/kubernetes" { print $2; exit }' "$SOURCES/go.mod")

# The PATH's Go or the usual place's.
find_go() {
  command -v go || { [ -x /usr/local/go/bin/go ] && echo /usr/local/go/bin/go; } ||
    fail "no Go found; install Go 1.26 or newer from your distribution or go.dev, and put it on the PATH"
}

# prepare_binary FOLDER: sets BIN to the folder of the binaries of this source and builds them if they are not there; log and record are in FOLDER.
prepare_binary() {
  local go key
  go=$(find_go)
  key=$({
    cd "$SOURCES" || exit
    "$go" env GOVERSION GOARCH
    find . -name '*.go' ! -path './reach/*' -print0 | sort -z | xargs -0 cat go.mod go.sum "$PARTS/build"
  } | sha256sum | cut -c 1-16)
  BIN=$CACHE/lab/$key
  if [ ! -x "$BIN/kubelab" ]; then
    mkdir -p "$CACHE/lab" "$1/run" "$1/log"
    say "building Kubernetes $KUBERNETES into one binary (minutes when nothing is cached; log: $1/log/build.log)"
    # In a session of its own, with a record: `lab down` ends all of it.
    setsid "$PARTS/build" "$1/run/build.pid" "$go" "$SOURCES" "$CACHE" "$BIN" "$KUBERNETES" >"$1/log/build.log" 2>&1 </dev/null ||
      fail "the build failed: $(tail -n 20 "$1/log/build.log")"
    rm -f "$1/run/build.pid"
    say "built $BIN/kubelab"
  fi
  touch "$BIN"
}

# A lab's binary is the one that it was started with, for all of its life. kubectl and helm are links to it.
lab_binary() {
  if is_alive cp/init && [ -x "$DIR/bin/kubelab" ]; then
    BIN=$(dirname "$(readlink -f "$DIR/bin/kubelab")")
    touch "$BIN"
    return
  fi
  prepare_binary "$DIR"
  mkdir -p "$DIR/bin"
  ln -sfn "$BIN/kubelab" "$DIR/bin/kubelab"
  ln -sfn kubelab "$DIR/bin/kubectl"
  ln -sfn kubelab "$DIR/bin/helm"
}
