# What run and latency share: a lab of one's own with Signet's images in it, and the suites' classes.
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
cd "$root"
lab=src/cluster-test/lab
cache=${SIGNET_LAB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/signet}
go=$(command -v go || echo /usr/local/go/bin/go)

step() {
  local start=$SECONDS what=$1
  shift
  "$@" || {
    echo "-- $what: failed after $((SECONDS - start)) s" >&2
    return 1
  }
  echo "-- $what: $((SECONDS - start)) s"
}

# (A function whose failure is looked at goes on after a command that fails: hence the && in those below.)

# The suites' own workload: an ordinary go-spiffe program, alone in its image.
probe() {
  (cd src/cluster-test/probe && GOMODCACHE=$cache/go-mod GOCACHE=$cache/go-build GOFLAGS=-mod=readonly GOWORK=off CGO_ENABLED=0 \
    "$go" build -trimpath -buildvcs=false -ldflags '-s -w' -o "$root/target/images/probe" .) &&
    "$lab" image signet.dev/test/probe:1 target/images/probe.tar /probe target/images/probe=/probe
}

images() { tools/images && probe; }

# The Java workload, on the images' own runtime and C library.
java_probe() {
  local images=target/images
  "$lab" image signet.dev/test/java-probe:1 "$images/java-probe.tar" \
    "/opt/java/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx64m -cp /app/* dev.signet.javaprobe.Main" \
    "$images/runtime=/opt/java" "$images/layers/system=/" src/cluster-test/java-probe/target/app=/app
}

# The class path of the suites, with what they are made of built anew.
suites() {
  ./build package dependency:build-classpath -Dmdep.outputFile=target/suite.classpath \
    -pl src/cluster-test,src/cluster-test/java-probe -am -DskipTests -DskipITs -Dspotless.check.skip -Djacoco.skip -Dcyclonedx.skip >target/suites.log 2>&1 || {
    grep -E '^\[(ERROR|WARNING)\]' target/suites.log | head -n 20 >&2
    return 1
  }
}

# Runs a class of the suites in the lab's network, which leads nowhere else.
in_lab() {
  local module=src/cluster-test/target
  "$lab" exec "$(tools/find-jdk)/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -cp "$module/test-classes:$module/classes:$(cat "$module/suite.classpath")" "$@"
}

down() { [ -n "${KEEP:-}" ] || "$lab" down; }

# Anew: what an earlier run left behind is what that one tested.
fresh_lab() { "$lab" down && "$lab" up; }

# A lab with everything in it that a suite needs. It goes with this program, unless KEEP is set.
prepare() {
  step "packages" "$lab" install
  trap down EXIT
  trap 'exit 130' INT TERM
  step "lab" fresh_lab
  step "images" images
  step "suites built" suites
  step "Java workload" java_probe
  step "images into the nodes" "$lab" load target/images/ca.tar target/images/agent.tar target/images/cli.tar target/images/probe.tar \
    target/images/java-probe.tar
}
