"""Whether the gcloud that is installed knows commands, groups and flags; nothing is called.

usage: python parse-gcloud.py SDK_FOLDER   with a JSON array of arguments in each line of standard input
Prints a JSON array: null for what it knows, else what it says.
"""
import contextlib
import io
import json
import sys

sdk = sys.argv[1]
sys.path[:0] = [sdk + "/lib", sdk + "/lib/third_party"]
from googlecloudsdk import gcloud_main  # noqa: E402

parser = gcloud_main.CreateCLI([])._CLI__parser


def fault(arguments):
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            parser.parse_args(arguments)
    except SystemExit as end:
        return None if end.code in (0, None) else said.getvalue().strip() or "refused"
    return None


print(json.dumps([fault(json.loads(line)) for line in sys.stdin]))
