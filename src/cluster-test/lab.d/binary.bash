# The lab's binaries (kubelab and pause), built once per what they are made of and kept outside the repository.
# shellcheck shell=bash

SOURCES=$LAB_HOME/kubelab
KUBERNETES=$(awk '$1 == "k8s.io/kubernetes" { print $2; exit }' "$SOURCES/go.mod")

# The PATH's Go or the usual place's.
find_go() {
  command -v go || { [ -x /usr/local/go/bin/go ] && echo /usr/local/go/bin/go; } ||
    fail "no Go found; install Go 1.26 or newer from your distribution or go.dev, and put it on the PATH"
}

# Sets BIN to the folder of the binaries of this source; builds them if they are not there.
prepare_binary() {
  local go key
  go=$(find_go)
  key=$({
    "$go" env GOVERSION GOARCH
    cd "$SOURCES" && find . -name '*.go' -print0 | sort -z | xargs -0 cat go.mod go.sum "$PARTS/build"
  } | sha256sum | cut -c 1-16)
  BIN=$CACHE/lab/$key
  # A run of an older source goes on with its own binaries: BIN is remembered for the other verbs.
  if [ ! -x "$BIN/kubelab" ]; then
    mkdir -p "$CACHE/lab" "$RUN"
    say "building Kubernetes $KUBERNETES into one binary (minutes when nothing is cached; log: $LOGS/build.log)"
    mkdir -p "$LOGS"
    # In a session of its own, with a record: `lab down` ends all of it.
    setsid "$PARTS/build" "$RUN/build.pid" "$go" "$SOURCES" "$CACHE" "$BIN" "$KUBERNETES" >"$LOGS/build.log" 2>&1 </dev/null ||
      fail "the build failed: $(tail -n 20 "$LOGS/build.log")"
    rm -f "$RUN/build.pid"
    say "built $BIN/kubelab"
  fi
  touch "$BIN"
  remember_binary
}

# kubectl and helm are links to the one binary.
remember_binary() {
  mkdir -p "$DIR/bin"
  ln -sfn "$BIN/kubelab" "$DIR/bin/kubelab"
  ln -sfn kubelab "$DIR/bin/kubectl"
  ln -sfn kubelab "$DIR/bin/helm"
}
