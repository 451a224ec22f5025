//go:build tools

// Package migrate pins the command that peers/build.sh builds.
package migrate

import (
	_ "github.com/golang-migrate/migrate/v4/cmd/migrate"
	_ "github.com/lib/pq"
)
