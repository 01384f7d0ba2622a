// Package jsonschema derives the JSON Schema of a settings struct from its Go type, so that what an optimizer accepts
// and what it says it accepts cannot differ.
package jsonschema

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
)

// draft is the dialect of the schemas.
const draft = "https://json-schema.org/draft/2020-12/schema"

// Of returns the schema of T, a struct with json tags: an object of the tagged fields, none of them required and
// nothing else allowed. A type that JSON has no word for, or that reads its JSON itself, is left open.
func Of[T any]() json.RawMessage {
	s := ofType(reflect.TypeFor[T]())
	s["$schema"] = draft
	text, err := json.Marshal(s)
	if err != nil {
		return nil // maps, slices and strings only: it cannot happen
	}
	return text
}

// Properties returns the names that an object of T may have, in the order of the fields.
func Properties[T any]() []string {
	var names []string
	for _, f := range fields(reflect.TypeFor[T]()) {
		names = append(names, f.name)
	}
	return names
}

// schema is a JSON Schema, or a part of one.
type schema map[string]any

// ofType describes a type.
func ofType(t reflect.Type) schema {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return schema{"type": "string"}
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return schema{}
	}
	switch t.Kind() {
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return schema{"type": "integer"}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return schema{"type": "integer", "minimum": 0}
	case reflect.Float32, reflect.Float64:
		return schema{"type": "number"}
	case reflect.String:
		return schema{"type": "string"}
	case reflect.Pointer:
		return ofType(t.Elem())
	case reflect.Slice:
		return schema{"type": "array", "items": ofType(t.Elem())}
	case reflect.Array:
		return schema{"type": "array", "items": ofType(t.Elem()), "minItems": t.Len(), "maxItems": t.Len()}
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": ofType(t.Elem())}
	case reflect.Struct:
		return ofStruct(t)
	}
	return schema{}
}

// ofStruct describes a struct by its fields.
func ofStruct(t reflect.Type) schema {
	properties := map[string]any{}
	for _, f := range fields(t) {
		properties[f.name] = ofType(f.typ)
	}
	return schema{"type": "object", "properties": properties, "additionalProperties": false}
}

// field is a struct's field as JSON knows it.
type field struct {
	name string
	typ  reflect.Type
}

// fields lists the exported fields of a struct, embedded ones in their place.
func fields(t reflect.Type) []field {
	var list []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			list = append(list, fields(f.Type)...)
		case !f.IsExported() || name == "-":
		case name == "":
			list = append(list, field{f.Name, f.Type})
		default:
			list = append(list, field{name, f.Type})
		}
	}
	return list
}
