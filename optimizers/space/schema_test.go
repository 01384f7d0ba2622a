package space

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestSchemaMatchesReader checks that the published schema knows the keys and types that the reader knows.
func TestSchemaMatchesReader(t *testing.T) {
	var schema struct {
		Properties map[string]any
		Defs       map[string]struct {
			Properties map[string]struct{ Enum []string }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	parameter, fidelity := schema.Defs["parameter"].Properties, schema.Defs["fidelity"].Properties
	for _, tc := range []struct {
		what            string
		published, read []string
	}{
		{"file", slices.Sorted(maps.Keys(schema.Properties)), fileKeys},
		{"parameter", slices.Sorted(maps.Keys(parameter)), parameterKeys},
		{"fidelity", slices.Sorted(maps.Keys(fidelity)), fidelityKeys},
		{"types", slices.Sorted(slices.Values(parameter["type"].Enum)), typeNames[:]},
	} {
		if want := slices.Sorted(slices.Values(tc.read)); fmt.Sprint(tc.published) != fmt.Sprint(want) {
			t.Errorf("%s: the schema has %v, the reader %v", tc.what, tc.published, want)
		}
	}
}

// TestSchemaJudgesAsReader checks, with a validator of the keywords it uses, that the schema accepts what is written,
// and refuses the mistakes of form that the reader refuses.
func TestSchemaJudgesAsReader(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	v := validator{schema}
	documents := []string{
		exampleCanonical,
		`{"schema_version":1,"parameters":{"x":{"type":"constant","default":3}},"fidelities":{"e":{"low":1,"high":9,"integer":false}}}`,
		`{"parameters":{}}`,
	}
	rng := rand.New(rand.NewPCG(13, 14))
	for range 200 {
		b, err := randomSpace(t, rng, 10).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, string(b))
	}
	for _, doc := range documents {
		if why := v.judge(t, doc); why != "" {
			t.Fatalf("%s in %s", why, doc)
		}
	}
	for _, doc := range []string{
		`[]`, `{}`, `{"parameters":[]}`, `{"paramters":{}}`, `{"parameters":{"and":{"type":"bool"}}}`, `{"parameters":{"":{"type":"bool"}}}`,
		`{"parameters":{"x":{"low":1,"high":2}}}`, `{"parameters":{"x":{"type":"flaot","low":1,"high":2}}}`,
		`{"parameters":{"x":{"type":"float","low":1}}}`, `{"parameters":{"x":{"type":"float","low":"1","high":2}}}`,
		`{"parameters":{"x":{"type":"float","low":1,"high":2,"hihg":3}}}`, `{"parameters":{"x":{"type":"float","low":1,"high":2,"step":-1}}}`,
		`{"parameters":{"x":{"type":"float","low":1,"high":2,"choices":[1]}}}`, `{"parameters":{"x":{"type":"bool","low":1}}}`,
		`{"parameters":{"x":{"type":"categorical"}}}`, `{"parameters":{"x":{"type":"categorical","choices":[]}}}`,
		`{"parameters":{"x":{"type":"categorical","choices":[1,1]}}}`, `{"parameters":{"x":{"type":"categorical","choices":[[1]]}}}`,
		`{"parameters":{"x":{"type":"bool","weights":[-1,1]}}}`, `{"parameters":{"x":{"type":"bool","when":"y"}}}`,
		`{"parameters":{"x":{"type":"bool","when":{}}}}`, `{"parameters":{"x":{"type":"bool","when":{"y":[]}}}}`,
		`{"parameters":{"x":{"type":"bool","when":{"or":[]}}}}`, `{"parameters":{"x":{"type":"bool","when":{"y":{"z":1}}}}}`,
		`{"parameters":{},"forbidden":{}}`, `{"parameters":{},"order":[1]}`, `{"parameters":{},"schema_version":2}`,
		`{"parameters":{},"fidelities":{"e":{"low":0,"high":1}}}`, `{"parameters":{},"fidelities":{"e":{"low":1}}}`,
		`{"parameters":{},"fidelities":{"e":{"low":1,"high":2,"int":true}}}`,
	} {
		if why := v.judge(t, doc); why == "" {
			t.Errorf("the schema accepts %s", doc)
		}
		if _, err := ParseYAML([]byte(doc)); err == nil {
			t.Errorf("the reader accepts %s", doc)
		}
	}
}

// validator is as much of JSON Schema as the schema of spaces uses; it stops at a keyword it does not know.
type validator struct{ root map[string]any }

// judge returns what is wrong with a document, empty if nothing is.
func (v validator) judge(t *testing.T, document string) string {
	t.Helper()
	var doc any
	if err := json.Unmarshal([]byte(document), &doc); err != nil {
		t.Fatal(err)
	}
	return v.check(v.root, doc)
}

func (v validator) check(schema, doc any) string {
	if allowed, ok := schema.(bool); ok {
		if !allowed {
			return fmt.Sprintf("%v is not allowed", doc)
		}
		return ""
	}
	rules := schema.(map[string]any)
	for _, keyword := range slices.Sorted(maps.Keys(rules)) {
		if why := v.keyword(keyword, rules, doc); why != "" {
			return why
		}
	}
	return ""
}

func (v validator) keyword(keyword string, rules map[string]any, doc any) string {
	rule := rules[keyword]
	object, isObject := doc.(map[string]any)
	list, isList := doc.([]any)
	number, isNumber := doc.(float64)
	text, isText := doc.(string)
	bad := func(is bool) string {
		if !is {
			return ""
		}
		return fmt.Sprintf("%v breaks %s %v", doc, keyword, rule)
	}
	switch keyword {
	case "$schema", "$id", "$defs", "title", "description", "default", "then", "else":
		return ""
	case "$ref":
		return v.check(v.root["$defs"].(map[string]any)[strings.TrimPrefix(rule.(string), "#/$defs/")], doc)
	case "type":
		return bad(!slices.ContainsFunc(strings.Fields(strings.Trim(fmt.Sprint(rule), "[]")), func(want string) bool { return jsonType(doc) == want }))
	case "const":
		return bad(fmt.Sprint(doc) != fmt.Sprint(rule))
	case "enum":
		return bad(!slices.Contains(rule.([]any), doc))
	case "minimum":
		return bad(isNumber && number < rule.(float64))
	case "exclusiveMinimum":
		return bad(isNumber && number <= rule.(float64))
	case "minLength":
		return bad(isText && float64(len(text)) < rule.(float64))
	case "minItems":
		return bad(isList && float64(len(list)) < rule.(float64))
	case "minProperties":
		return bad(isObject && float64(len(object)) < rule.(float64))
	case "uniqueItems":
		return bad(isList && repeats(list))
	case "required":
		return bad(isObject && slices.ContainsFunc(rule.([]any), func(name any) bool { _, ok := object[name.(string)]; return !ok }))
	case "not":
		return bad(v.check(rule, doc) == "")
	case "anyOf":
		return bad(!slices.ContainsFunc(rule.([]any), func(s any) bool { return v.check(s, doc) == "" }))
	}
	return v.nested(keyword, rules, doc)
}

// nested checks the keywords that lead to other schemas.
func (v validator) nested(keyword string, rules map[string]any, doc any) string {
	object, _ := doc.(map[string]any)
	list, _ := doc.([]any)
	properties, _ := rules["properties"].(map[string]any)
	switch keyword {
	case "items":
		for _, item := range list {
			if why := v.check(rules[keyword], item); why != "" {
				return why
			}
		}
	case "propertyNames", "properties", "additionalProperties":
		for _, name := range slices.Sorted(maps.Keys(object)) {
			schema, known := properties[name]
			subject := object[name]
			switch {
			case keyword == "propertyNames":
				schema, subject = rules[keyword], name
			case keyword == "additionalProperties" && !known:
				schema = rules[keyword]
			case keyword == "additionalProperties" || !known:
				continue
			}
			if why := v.check(schema, subject); why != "" {
				return name + ": " + why
			}
		}
	case "allOf":
		for _, schema := range rules[keyword].([]any) {
			if why := v.check(schema, doc); why != "" {
				return why
			}
		}
	case "if":
		branch := "then"
		if v.check(rules["if"], doc) != "" {
			branch = "else"
		}
		if schema, ok := rules[branch]; ok {
			return v.check(schema, doc)
		}
	default:
		return "the validator does not know " + keyword
	}
	return ""
}

func jsonType(doc any) string {
	switch doc.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

func repeats(list []any) bool {
	seen := map[string]bool{}
	for _, item := range list {
		text := fmt.Sprintf("%T %v", item, item)
		if seen[text] {
			return true
		}
		seen[text] = true
	}
	return false
}
