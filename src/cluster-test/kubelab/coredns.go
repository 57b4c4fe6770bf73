package main

import (
	"os"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/hosts"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/loadbalance"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/template"
)

// runCoreDNS runs CoreDNS with the few plug-ins that the lab's Corefile uses, in the order in which a query meets them.
func runCoreDNS(args []string) int {
	os.Args = append([]string{"coredns"}, args...)
	dnsserver.Directives = []string{"bind", "health", "ready", "errors", "loadbalance", "hosts", "kubernetes", "template"}
	coremain.Run()
	return 0
}
