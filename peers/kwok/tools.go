//go:build tools

// Package kwok pins the command that peers/build.sh builds.
package kwok

import _ "sigs.k8s.io/kwok/cmd/kwok"
