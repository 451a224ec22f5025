//go:build tools

// Package argocd pins the command that peers/build.sh builds.
package argocd

import _ "github.com/argoproj/argo-cd/v3/cmd"
