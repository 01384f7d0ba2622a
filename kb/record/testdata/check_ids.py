"""Recompute the ids of golden records, independently of the Go code.

Usage: check_ids.py GOLDEN, a file of lines "ID JSON". Each JSON text is parsed, written again by this program's own
RFC 8785 serialiser, and hashed; text and id must both agree. Standard library only.
"""

import hashlib
import json
import re
import sys


def number(value):
    """ECMAScript's Number::toString of a float64 (ECMA-262 6.1.6.1.20), from Python's shortest digits."""
    value = float(value)
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("not a JSON number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    whole, fraction, exponent = re.fullmatch(r"(\d+)(?:\.(\d+))?(?:e([+-]\d+))?", repr(abs(value))).groups()
    digits = whole + (fraction or "")
    point = len(whole) + int(exponent or 0)  # the value is 0.DIGITS x 10^point
    point -= len(digits) - len(digits.lstrip("0"))
    digits = digits.strip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    mantissa = digits[0] + ("." + digits[1:] if count > 1 else "")
    return f"{sign}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def string(value):
    return '"' + "".join(SHORT.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in value) + '"'


def canonical(value):
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return string(value)
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
    return "{" + ",".join(string(key) + ":" + canonical(value[key]) for key in keys) + "}"


def main():
    lines = open(sys.argv[1], encoding="utf-8", newline="\n").read().removesuffix("\n").split("\n")
    for count, line in enumerate(lines, 1):
        identity, text = line.split(" ", 1)
        again = canonical(json.loads(text))
        if again != text:
            sys.exit(f"line {count}: text is not canonical\n got {text}\nwant {again}")
        if hashlib.sha256(again.encode("utf-8")).hexdigest() != identity:
            sys.exit(f"line {count}: the id is not the hash of the text")
    print(len(lines), "records agree")


if __name__ == "__main__":
    main()
