package main

import (
	"errors"
	"log/slog"
	"os"

	helm "helm.sh/helm/v4/pkg/cmd"
	"helm.sh/helm/v4/pkg/kube"
)

// runHelm does what helm's own main does.
func runHelm(args []string) int {
	os.Args = append([]string{"helm"}, args...)
	kube.ManagedFieldsManager = "helm"
	c, err := helm.NewRootCmd(os.Stdout, args, helm.SetupLogging)
	if err != nil {
		slog.Warn("command failed", slog.Any("error", err))
		return 1
	}
	c.SetArgs(args)
	if err := c.Execute(); err != nil {
		if failed, ok := errors.AsType[helm.CommandError](err); ok {
			return failed.ExitCode
		}
		return 1
	}
	return 0
}
