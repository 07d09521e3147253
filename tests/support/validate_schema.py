"""Judges JSON documents by a JSON Schema: validate_schema.py SCHEMA DOCUMENTS.

DOCUMENTS is a JSON object of name to document. Prints one line a document: its name, a tab and
"valid" or the first complaint. Exits 77 when the jsonschema package is missing.
"""

import json
import sys

try:
    import jsonschema
except ImportError:
    sys.exit(77)

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
with open(sys.argv[2], encoding="utf-8") as file:
    documents = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for name, document in documents.items():
    error = next(iter(validator.iter_errors(document)), None)
    verdict = "valid" if error is None else error.message.replace("\n", " ")[:200]
    print(f"{name}\t{verdict}")
