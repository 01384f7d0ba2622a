package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// SQLite takes a damaged frame of its write-ahead log for the log's end and says nothing: what was committed behind it
// is gone without a word. That is right after a power failure, where nothing behind a torn frame was acknowledged, but
// it also hides damage to a log that a killed process left behind. So Check reads the log itself, whose format is
// documented (https://www.sqlite.org/fileformat2.html#walformat) and will not change.

const (
	logHead   = 32
	frameHead = 24
	// logMagic begins a log; its lowest bit says that checksums are computed over big-endian words.
	logMagic = 0x377f0682
)

// logLook is how often a log that looks damaged is read before that is believed: a writer may have been at work.
const (
	logLooks = 3
	logPause = 20 * time.Millisecond
)

// checkLog returns what is wrong with the write-ahead log of the database at path, "" for nothing.
func checkLog(path string) (finding string, err error) {
	for range logLooks {
		before := finding
		if finding, err = lookAtLog(path + "-wal"); err != nil || finding == "" {
			return "", err
		}
		if finding == before {
			return finding, nil
		}
		time.Sleep(logPause)
	}
	return "", nil // another state each time: somebody writes
}

// lookAtLog reads a log once.
func lookAtLog(path string) (finding string, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	var head [logHead]byte
	if _, err := io.ReadFull(f, head[:]); err != nil {
		return "", nil // empty, or its creation was cut short: nothing was committed
	}
	l, ok := openLog(head)
	if !ok {
		return "the head of its log (-wal) is damaged: records that were only in the log are lost", nil
	}
	broken := 0 // the first frame that does not continue the chain
	for n := 1; ; n++ {
		kind, err := l.next(f)
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			return "", nil // what a transaction that was given up left behind has no end
		case err != nil:
			return "", err
		case kind != frameGood && broken == 0:
			broken = n
		}
		if kind == frameCommit {
			return fmt.Sprintf("frame %d of its log (-wal) is damaged: records that were added then or later are lost", broken), nil
		}
	}
}

// The kinds of frames. Only a frame of this log's time counts: a log is used again from its beginning, and what is left
// behind its end has other salts.
type frameKind uint8

const (
	frameGood   frameKind = iota // it continues the chain of checksums
	frameCommit                  // it does not, but it ended a transaction
	frameOther                   // neither: damaged, given up, or older
)

// logReader walks the frames of a log.
type logReader struct {
	order  binary.ByteOrder // of the words that checksums add up
	salts  [8]byte
	sum    [2]uint32
	broken bool // a frame did not continue the chain
	frame  []byte
}

// openLog reads the head of a log; it reports false if that is damaged.
func openLog(head [logHead]byte) (*logReader, bool) {
	magic, size := binary.BigEndian.Uint32(head[:]), binary.BigEndian.Uint32(head[8:])
	if magic&^1 != logMagic || size < smallest || size > 1<<16 || size&(size-1) != 0 {
		return nil, false
	}
	l := &logReader{order: binary.LittleEndian, salts: [8]byte(head[16:24]), frame: make([]byte, frameHead+size)}
	if magic&1 != 0 {
		l.order = binary.BigEndian
	}
	l.add(head[:24])
	return l, l.sum == [2]uint32{binary.BigEndian.Uint32(head[24:]), binary.BigEndian.Uint32(head[28:])}
}

// add continues the checksum with bytes, a multiple of eight.
func (l *logReader) add(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		l.sum[0] += l.order.Uint32(b) + l.sum[1]
		l.sum[1] += l.order.Uint32(b[4:]) + l.sum[0]
	}
}

// next reads a frame.
func (l *logReader) next(r io.Reader) (frameKind, error) {
	if _, err := io.ReadFull(r, l.frame); err != nil {
		return frameOther, err
	}
	if [8]byte(l.frame[8:16]) != l.salts {
		l.broken = true
		return frameOther, nil
	}
	if !l.broken {
		l.add(l.frame[:8])
		l.add(l.frame[frameHead:])
		if l.sum == [2]uint32{binary.BigEndian.Uint32(l.frame[16:]), binary.BigEndian.Uint32(l.frame[20:])} {
			return frameGood, nil
		}
		l.broken = true
	}
	if binary.BigEndian.Uint32(l.frame[4:]) != 0 { // the size of the database after the transaction
		return frameCommit, nil
	}
	return frameOther, nil
}
