package metafeatures

import (
	"math"
)

// subsampledLandmarking computes the landmarkers of landmarking on a share of their rows, Options.SubsampleShare
// (Soares et al. 2001): how much of a learner's quality the first rows give. NAME.SUMMARY.subsampled is what
// pymfe calls NAME.SUMMARY with lm_sample_frac; rows are drawn in proportion to the classes, which pymfe does not do.
func (x *extraction) subsampledLandmarking() ([]measure, error) {
	rows := min(x.data.Rows, x.opt.LandmarkRows)
	some := max(2, int(math.Round(x.opt.SubsampleShare*float64(rows))))
	landmarks, err := x.landmarkersOn(x.stratifiedRows(some, streamSubsample))
	if err != nil {
		return nil, err
	}
	var measures []measure
	for _, summary := range x.opt.Summaries {
		for _, m := range landmarks {
			for _, f := range summarise(m, summary) {
				measures = append(measures, one(f.Name+"."+Subsampled, f.Value))
			}
		}
	}
	return measures, nil
}
