package dataset

func looksLikeARFF([]byte) bool    { return false }
func (r *reader) beginARFF() error { return r.fail(ErrData, "is ARFF", "") }
