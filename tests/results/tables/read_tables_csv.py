"""Reads CSV tables as others do: read_tables_csv.py FILE EXPECTED

EXPECTED is a JSON object of column to the list of its cells, as texts. The csv module reads by the rules of RFC 4180
that spreadsheet programs follow (comma, CRLF, doubled quotes), then pandas does. Exits 77 when pandas is missing.
"""

import csv
import io
import json
import sys

path, expected_path = sys.argv[1:3]
with open(expected_path, encoding="utf-8") as file:
    expected = json.load(file)

with open(path, "rb") as file:
    data = file.read()
text = data.decode("utf-8")
assert text.endswith("\r\n"), "the last line has no CRLF"
rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
assert len({len(row) for row in rows}) == 1, f"lines of {sorted({len(row) for row in rows})} cells"
assert len(set(rows[0])) == len(rows[0]), "a column twice"
assert rows[0] == list(expected), "other columns"
for place, name in enumerate(rows[0]):
    got = [row[place] for row in rows[1:]]
    assert got == expected[name], f"{name}: {got} for {expected[name]}"

try:
    import pandas
except ImportError:
    sys.exit(77)

frame = pandas.read_csv(path)
assert list(frame.columns) == list(expected), "pandas: other columns"
assert len(frame) == len(rows) - 1, "pandas: other rows"
texts = pandas.read_csv(path, dtype=str, keep_default_na=False)
for name, cells in expected.items():
    assert list(texts[name]) == cells, f"pandas {name}: {list(texts[name])} for {cells}"
    if name.endswith(".mean"):
        values = [float(cell) for cell in cells if cell]
        assert list(frame[name].dropna().astype(float)) == values, f"pandas {name}: no numbers"
print(f"{len(frame)} rows, {len(frame.columns)} columns")
