//go:build tools

// Package kustomize pins the command that peers/build.sh builds.
package kustomize

import _ "sigs.k8s.io/kustomize/kustomize/v5"
