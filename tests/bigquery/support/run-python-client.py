"""What a user of google-cloud-bigquery does, against the server at argv[1]; prints what it gets as JSON."""
import datetime
import decimal
import io
import json
import sys

from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

client = bigquery.Client(
    project="test",
    credentials=AnonymousCredentials(),
    client_options=ClientOptions(api_endpoint=sys.argv[1]),
)
said = {}

row = next(iter(client.query_and_wait(
    "SELECT 1 AS whole, 1.5 AS part, NUMERIC '12.34' AS exact, TRUE AS truth, FROM_BASE64('YWI=') AS bytes, "
    "DATE '2026-01-02' AS day, TIMESTAMP '2026-01-02 03:04:05.678901+00' AS instant, "
    "DATETIME '2026-01-02 03:04:05' AS wall, TIME '03:04:05' AS clock, [1, 2] AS list, STRUCT(1 AS a, 'b' AS b) AS pair"
)))
assert row.exact == decimal.Decimal("12.34")
assert row.bytes == b"ab"
assert row.day == datetime.date(2026, 1, 2)
assert row.instant == datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.timezone.utc)
assert row.wall == datetime.datetime(2026, 1, 2, 3, 4, 5)
assert row.clock == datetime.time(3, 4, 5)
said["row"] = [row.whole, row.part, row.truth, row.list, row.pair]

client.create_dataset("py")
schema = [
    bigquery.SchemaField("id", "INTEGER", mode="REQUIRED"),
    bigquery.SchemaField("name", "STRING"),
    bigquery.SchemaField("seen", "TIMESTAMP"),
]
table = client.create_table(bigquery.Table("test.py.t", schema=schema))
said["refused"] = client.insert_rows_json(table, [{"id": 1, "name": "a"}, {"name": "b"}])
said["inserted"] = client.insert_rows(table, [{"id": 1, "name": "a", "seen": datetime.datetime(2026, 1, 2)}])
job = client.load_table_from_file(
    io.BytesIO(b"2,b,2026-01-03 00:00:00\n3,,\n"),
    table,
    job_config=bigquery.LoadJobConfig(source_format="CSV", schema=schema),
)
said["loaded"] = job.result().output_rows
more = client.load_table_from_json([{"id": 4, "name": "d"}], table, job_config=bigquery.LoadJobConfig(schema=schema))
said["loaded_json"] = more.result().output_rows
said["rows"] = [[one.id, one.name] for one in client.list_rows("test.py.t")]

config = bigquery.QueryJobConfig(
    query_parameters=[
        bigquery.ScalarQueryParameter("least", "INT64", 2),
        bigquery.ArrayQueryParameter("names", "STRING", ["b", "d"]),
    ]
)
asked = client.query("SELECT id FROM py.t WHERE id >= @least AND name IN UNNEST(@names) ORDER BY id", job_config=config)
said["found"] = [one.id for one in asked.result()]
said["statement"] = asked.statement_type

pages = client.query("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 30000)) AS n ORDER BY n").result(page_size=7000)
said["paged"] = sum(one.n for one in pages)

config = bigquery.QueryJobConfig(destination="test.py.copy", write_disposition="WRITE_TRUNCATE")
client.query("SELECT id, name FROM py.t WHERE id < 3", job_config=config).result()
said["copied"] = client.get_table("py.copy").num_rows
said["dml"] = client.query("UPDATE py.t SET name = 'z' WHERE id = 3").result().num_dml_affected_rows
said["dry"] = client.query("SELECT 1", job_config=bigquery.QueryJobConfig(dry_run=True)).total_bytes_processed

try:
    client.query("SELECT 1 / 0").result()
except Exception as error:
    said["error"] = type(error).__name__
try:
    client.get_table("py.missing")
except Exception as error:
    said["missing"] = type(error).__name__

said["tables"] = sorted(one.table_id for one in client.list_tables("py"))
said["jobs"] = len(list(client.list_jobs(max_results=5)))
client.delete_dataset("py", delete_contents=True)
said["datasets"] = [one.dataset_id for one in client.list_datasets()]
print(json.dumps(said))
