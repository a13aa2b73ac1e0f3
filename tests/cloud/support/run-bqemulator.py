"""
Starts bqemulator as its command does, in a way that bears appends and queries at the same time.

Its one DuckDB connection is used by the thread of REST and by those of Storage Write at once, where one takes the
other's result or both wait for ever: here every thread gets a connection of its own to the same database. And it
copies a table whole with every append, for time travel, which no test asks for: 1,000 appends to a table of 100,000
rows would hold 100 million rows in memory.
"""

import sys
import threading

from bqemulator.cli import main
from bqemulator.storage.engine import DuckDBEngine
from bqemulator.versioning import snapshots

of_thread = threading.local()
whole = DuckDBEngine.connection.fget
start = DuckDBEngine.start
starters = {}


def start_and_note_thread(self):
    starters[self] = threading.get_ident()
    return start(self)


def connection(self):
    first = whole(self)
    if starters.get(self) == threading.get_ident():
        return first
    if getattr(of_thread, "first", None) is not first:
        of_thread.first = first
        of_thread.cursor = first.cursor()
        of_thread.cursor.execute("SET TimeZone = 'UTC'")
    return of_thread.cursor


def capture_only_asked_for(self, *args, kind="AUTO", **rest):
    return capture(self, *args, kind=kind, **rest) if kind == "USER" else None


DuckDBEngine.start = start_and_note_thread
DuckDBEngine.connection = property(connection)
capture = snapshots.SnapshotManager.capture
snapshots.SnapshotManager.capture = capture_only_asked_for

sys.argv[0] = "bqemulator"
main()
