package record

// Set is a collection of records in memory: what a snapshot of a knowledge base is, and what learning across
// tasks reads. Ids of runs are computed on demand (Identify), since most readers never need them. Runs may share
// configurations and measure slices; nothing reached from a Set may be modified.
type Set struct {
	Tasks       map[ID]*Task
	Features    []*Features
	Labels      []*Label
	Protocols   map[ID]*Protocol
	Spaces      map[ID]*Space
	Runs        []*Run
	Retractions []*Retraction
}
