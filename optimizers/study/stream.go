package study

import (
	"encoding/binary"
	"math/rand/v2"
)

// Stream returns the random stream of trial id: what an optimizer needs by chance to propose it is drawn from here,
// so that a trial does not depend on how many numbers earlier ones took. Streams of different seeds or trials are
// independent (ChaCha8). Trial 0 is the study's own stream, for what is drawn once.
func (p Problem) Stream(id TrialID) *rand.Rand { return stream(p.Seed, id, streamProposal) }

// TrialSeed returns the seed that trial id's evaluation is given, below 2^32, as most libraries ask.
func (p Problem) TrialSeed(id TrialID) uint64 {
	return stream(p.Seed, id, streamEvaluation).Uint64() >> 32
}

// The purposes that streams of a trial are kept apart by.
const (
	streamProposal = iota
	streamEvaluation
)

func stream(seed uint64, id TrialID, purpose byte) *rand.Rand {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[0:], seed)
	binary.LittleEndian.PutUint64(key[8:], uint64(id))
	key[16] = purpose
	return rand.New(rand.NewChaCha8(key))
}
