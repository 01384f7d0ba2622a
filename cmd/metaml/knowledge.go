package main

import (
	"context"

	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/record"
)

// openKB opens the knowledge base that --kb names, or else the seed with the user's own, for reading. Where there is no
// home, as in many services and containers, there is no own one.
func (e *environment) openKB(ctx context.Context) (*kb.KB, error) {
	opt := kb.Options{Path: e.kb, ReadOnly: true}
	var err error
	if opt.DataDir, err = e.dataFolder(); err != nil && e.kb == "" {
		e.sayNotes([]string{"the knowledge base is the one that comes with metaml alone, for " + err.Error()})
		opt.NoOwn = true
	}
	// Without a home there is no cache, and reading works all the same.
	opt.CacheDir, _ = e.cacheFolder()
	return kb.Open(ctx, opt)
}

// snapshot returns the records of the knowledge base that openKB opens, and its version.
func (e *environment) snapshot(ctx context.Context) (set *record.Set, version string, err error) {
	base, err := e.openKB(ctx)
	if err != nil {
		return nil, "", err
	}
	defer base.Close()
	if set, err = base.Snapshot(ctx); err != nil {
		return nil, "", err
	}
	version, err = base.Version(ctx)
	return set, version, err
}
