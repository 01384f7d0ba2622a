package dataset

import (
	"fmt"
	"math"
	"math/big"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// convertCell turns a value that is not null into a number, or into text.
type convertCell func(parquet.Value) (number float64, text []byte)

// conversionOf says how the values of a column of a Parquet file are read, and what that declares the column to be. It
// is nil for types that tables do not hold; kind names the type. Dates and timestamps become seconds since 1970, times
// of day seconds, decimals numbers, truth values the texts true and false.
func conversionOf(t parquet.Type) (convert convertCell, declared declaration, kind string) {
	kind = t.String()
	if logical := t.LogicalType(); logical != nil {
		switch l := logical.Value.(type) {
		case *format.DateType:
			return seconds(86400), dateDeclared(), kind
		case *format.TimestampType:
			return seconds(unitSeconds(l.Unit)), dateDeclared(), kind
		case *format.TimeType:
			return seconds(unitSeconds(l.Unit)), declaration{known: true, kind: Numeric}, kind
		case *format.DecimalType:
			return decimalNumber(int(l.Scale)), declaration{known: true, kind: Numeric}, kind
		case *format.IntType:
			if !l.IsSigned {
				return unsignedNumber, declaration{}, kind
			}
		case *format.NullType:
			return func(parquet.Value) (float64, []byte) { return math.NaN(), nil }, declaration{}, kind
		case *format.UUIDType:
			return identifierText, declaration{}, kind
		case *format.BsonType, *format.Float16Type, *format.VariantType, *format.GeometryType, *format.GeographyType:
			return nil, declaration{}, kind
		}
	}
	switch t.Kind() {
	case parquet.Boolean:
		return truth, declaration{}, kind
	case parquet.Int32:
		return func(v parquet.Value) (float64, []byte) { return float64(v.Int32()), nil }, declaration{}, kind
	case parquet.Int64:
		return func(v parquet.Value) (float64, []byte) { return float64(v.Int64()), nil }, declaration{}, kind
	case parquet.Int96:
		return int96Seconds, dateDeclared(), kind
	case parquet.Float:
		return floatNumber, declaration{}, kind
	case parquet.Double:
		return func(v parquet.Value) (float64, []byte) { return v.Double() + 0, nil }, declaration{}, kind
	case parquet.ByteArray:
		return text, declaration{}, kind
	}
	return nil, declaration{}, kind
}

func dateDeclared() declaration { return declaration{known: true, kind: Date, date: &dateLayout{}} }

func truth(v parquet.Value) (float64, []byte) {
	return 0, strconv.AppendBool(nil, v.Boolean())
}

// text is never nil, which would be a number.
func text(v parquet.Value) (float64, []byte) {
	if b := v.ByteArray(); b != nil {
		return 0, b
	}
	return 0, []byte{}
}

// identifierText is a UUID in its usual form.
func identifierText(v parquet.Value) (float64, []byte) {
	b := v.ByteArray()
	if len(b) != 16 {
		return 0, fmt.Appendf(nil, "%x", b)
	}
	return 0, fmt.Appendf(nil, "%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// floatNumber takes the shortest decimal number that reads back as the single-precision value, as a text file would
// hold: 0.1, not 0.10000000149.
func floatNumber(v parquet.Value) (float64, []byte) {
	f := v.Float()
	short, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	if err != nil { // not for what FormatFloat writes
		return float64(f), nil
	}
	return short + 0, nil
}

func unsignedNumber(v parquet.Value) (float64, []byte) {
	if v.Kind() == parquet.Int32 {
		return float64(v.Uint32()), nil
	}
	return float64(v.Uint64()), nil
}

// seconds multiplies whole units by their length.
func seconds(unit float64) convertCell {
	return func(v parquet.Value) (float64, []byte) {
		n := v.Int64()
		if v.Kind() == parquet.Int32 {
			n = int64(v.Int32())
		}
		if unit >= 1 {
			return float64(n) * unit, nil
		}
		return float64(n) / math.Round(1/unit), nil
	}
}

func unitSeconds(u format.TimeUnit) float64 {
	if u.Value == nil {
		return 1e-3
	}
	return u.Value.Duration().Seconds()
}

// int96Seconds reads the timestamps of older files: nanoseconds of the day, then the Julian day.
func int96Seconds(v parquet.Value) (float64, []byte) {
	const julianDayOf1970 = 2440588
	i := v.Int96()
	nanoseconds := uint64(i[1])<<32 | uint64(i[0])
	return (float64(i[2])-julianDayOf1970)*86400 + float64(nanoseconds)/1e9, nil
}

// decimalNumber reads integers, or big-endian two's complement in bytes, divided by a power of ten.
func decimalNumber(scale int) convertCell {
	divisor := math.Pow10(scale)
	return func(v parquet.Value) (float64, []byte) {
		switch v.Kind() {
		case parquet.Int32:
			return float64(v.Int32()) / divisor, nil
		case parquet.Int64:
			return float64(v.Int64()) / divisor, nil
		}
		bytes := v.ByteArray()
		n := new(big.Int).SetBytes(bytes)
		if len(bytes) > 0 && bytes[0]&0x80 != 0 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(bytes))))
		}
		f, _ := new(big.Float).SetInt(n).Float64()
		return f / divisor, nil
	}
}
