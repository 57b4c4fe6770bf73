# The lab's own images, made of local files: the sandbox's pause, and a busybox for tests.
# shellcheck shell=bash

PAUSE_IMAGE=signet.dev/test/pause:1
BUSYBOX_IMAGE=signet.dev/test/busybox:1

make_images() {
  local applet applets=() images=$DIR/images
  mkdir -p "$images"
  [ -e "$images/pause.tar" ] || "$BIN/kubelab" image --name "$PAUSE_IMAGE" --out "$images/pause.tar" --entry /pause "$BIN/pause=/pause"
  [ ! -e "$images/busybox.tar" ] || return 0
  for applet in $(busybox --list); do
    [ "$applet" = busybox ] || applets+=("->busybox=/bin/$applet")
  done
  "$BIN/kubelab" image --name "$BUSYBOX_IMAGE" --out "$images/busybox.tar" --entry /bin/sh "$(command -v busybox)=/bin/busybox" "${applets[@]}"
}

# load_images NODE TAR...
load_images() {
  local node=$1 tar
  shift
  for tar in "$@"; do
    in_machine "$node" timeout 300 ctr -n k8s.io images import - <"$tar" >/dev/null || fail "$node did not take $tar; is it an image, and is $node/containerd healthy?"
  done
}

# Imports into a node what it does not have on its disk yet.
own_images() {
  local has name
  has=$(in_machine "$1" ctr -n k8s.io images ls -q)
  for name in "$PAUSE_IMAGE" "$BUSYBOX_IMAGE"; do
    case $has in
      *"$name"*) ;;
      *) load_images "$1" "$DIR/images/$(basename "${name%:*}").tar" ;;
    esac
  done
}
