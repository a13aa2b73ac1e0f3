# Reads what to make out of the migrations. They are written for this: one column a line, options on their own lines.

locals {
  deletion_policy = var.keep_data ? "ABANDON" : "DELETE"
  dataset_id      = var.dataset_exists ? var.dataset : google_bigquery_dataset.this[0].dataset_id

  migrations = join("\n", [for name in sort(fileset(var.migrations_folder, "*.sql")) : "${file("${var.migrations_folder}/${name}")}\n"])
  statements = replace(local.migrations, "/(?m)^\\s*--.*$/", "")

  table_statements = {
    for found in regexall("(?s)CREATE TABLE IF NOT EXISTS `metrics_dataset\\.([a-z_]+)` \\(\n(.*?)\n\\)(.*?);\n", local.statements) :
    found[0] => { columns = found[1], rest = found[2] }
  }

  tables = {
    for name, table in local.table_statements : name => {
      description = try(regex("description ?= ?['\"](.*?)['\"]", table.rest)[0], null)
      schema = jsonencode([
        for column in regexall("(?m)^ +`?([a-z_]+)`? +([A-Z0-9]+)( NOT NULL)?(?: +OPTIONS ?\\(description ?= ?['\"](.*)['\"]\\))?,?$", table.columns) :
        merge(
          {
            name = column[0]
            type = lookup(local.api_types, column[1], column[1])
            mode = column[2] == null ? "NULLABLE" : "REQUIRED"
          },
          column[3] == null ? {} : { description = column[3] },
        )
      ])
      partition_by = try(regex("PARTITION BY (?:DATE|TIMESTAMP_TRUNC)\\(([a-z_]+)", table.rest)[0], null)
      cluster_by   = try(split(", ", regex("CLUSTER BY ([a-z_, ]*[a-z_])", table.rest)[0]), null)
      # What is kept for 730 days there is kept as long as asked for here; shorter spans stay as they are.
      expires_days = try(
        regex("partition_expiration_days = ([0-9]+)", table.rest)[0] == "730" ? var.retention_days :
        tonumber(regex("partition_expiration_days = ([0-9]+)", table.rest)[0]),
        null
      )
    }
  }

  # A view that is defined again counts as it is defined last.
  view_statements = {
    for found in regexall("(?s)CREATE OR REPLACE VIEW `metrics_dataset\\.([a-z_]+)`(.*?)\nAS\n(.*?);\n", local.statements) :
    found[0] => { rest = found[1], query = trimspace(found[2]) }...
  }

  views = {
    for name, definitions in local.view_statements : name => {
      description = try(regex("description ?= ?['\"](.*?)['\"]", reverse(definitions)[0].rest)[0], null)
      # Through the API, a view must name the project of what it reads.
      query = replace(reverse(definitions)[0].query, "`metrics_dataset.", "`${var.project_id}.${var.dataset}.")
    }
  }

  # The API's older names of the types that SQL calls otherwise.
  api_types = { INT64 = "INTEGER", FLOAT64 = "FLOAT", BOOL = "BOOLEAN" }
}
