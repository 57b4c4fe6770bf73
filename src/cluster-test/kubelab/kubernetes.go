package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// run executes a component the way its own main does. Some read os.Args as well as their arguments, so both are set.
func run(c *cobra.Command, args []string) int {
	os.Args = append([]string{c.Name()}, args...)
	c.SetArgs(args)
	return cli.Run(c)
}

func runAPIServer(args []string) int { return run(apiserver.NewAPIServerCommand(), args) }

func runControllerManager(args []string) int {
	return run(controllermanager.NewControllerManagerCommand(), args)
}

func runScheduler(args []string) int { return run(scheduler.NewSchedulerCommand(), args) }

func runKubelet(args []string) int { return run(kubelet.NewKubeletCommand(context.Background()), args) }

func runKubeProxy(args []string) int { return run(proxy.NewProxyCommand(), args) }

// kubectl looks at os.Args while it is made (for plug-ins), hence the early assignment.
func runKubectl(args []string) int {
	os.Args = append([]string{"kubectl"}, args...)
	return run(kubectl.NewDefaultKubectlCommand(), args)
}
