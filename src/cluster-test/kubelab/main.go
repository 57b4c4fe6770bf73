// kubelab is the lab's one static binary: etcd, the Kubernetes components, kube-proxy, CoreDNS, kubectl and helm, linked from their
// published Go modules, and two tools of the lab's own (pki and image).
//
//	kubelab COMMAND [ARGUMENTS]
//
// A link to it that bears a command's name runs that command.
package main

import (
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// A command returns its exit code.
type command func(args []string) int

var commands = map[string]command{
	"etcd":                    runEtcd,
	"kube-apiserver":          runAPIServer,
	"kube-controller-manager": runControllerManager,
	"kube-scheduler":          runScheduler,
	"kubelet":                 runKubelet,
	"kube-proxy":              runKubeProxy,
	"coredns":                 runCoreDNS,
	"kubectl":                 runKubectl,
	"helm":                    runHelm,
	"pki":                     runPKI,
	"image":                   runImage,
}

func main() {
	name, args := filepath.Base(os.Args[0]), os.Args[1:]
	if _, ok := commands[name]; !ok && len(args) > 0 {
		name, args = args[0], args[1:]
	}
	run, ok := commands[name]
	if !ok {
		var names []string
		for n := range commands {
			names = append(names, n)
		}
		slices.Sort(names)
		fmt.Fprintln(os.Stderr, "usage: kubelab "+strings.Join(names, "|")+" [arguments]")
		os.Exit(2)
	}
	os.Exit(run(args))
}

// waitForSignal returns when the process is asked to end.
func waitForSignal() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGINT, syscall.SIGTERM)
	<-c
}

// check ends the program on an error: the lab's own tools have nobody to hand it to.
func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
