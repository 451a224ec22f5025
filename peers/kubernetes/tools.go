//go:build tools

// Package kubernetes pins the commands that peers/build.sh builds: the module
// requires what these imports need, so that go.sum covers every source file.
package kubernetes

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kube-scheduler"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
