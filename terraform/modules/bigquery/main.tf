# Dataset, tables and views, read from the same SQL files that `seismo migrate` runs: there is no second list of columns.
#
# Terraform only makes what is missing. From then on the migrations change columns, partitions and views, so nothing that
# is edited here or there can make Terraform replace a table and lose its rows; see `ignore_changes`.

resource "google_bigquery_dataset" "this" {
  count = var.dataset_exists ? 0 : 1

  project     = var.project_id
  dataset_id  = var.dataset
  location    = var.location
  description = "Metrics, what detection found in them, and the models"

  # Models and later tables come from the services; without this the dataset could not be destroyed.
  delete_contents_on_destroy = !var.keep_data
  deletion_policy            = local.deletion_policy

  lifecycle {
    # A dataset cannot be moved: another region must not mean another, empty dataset.
    ignore_changes = [location]
  }
}

resource "google_bigquery_table" "tables" {
  for_each = { for name, table in local.tables : name => table if !var.dataset_exists }

  project     = var.project_id
  dataset_id  = local.dataset_id
  table_id    = each.key
  description = each.value.description
  schema      = each.value.schema
  clustering  = each.value.cluster_by

  deletion_protection = false
  deletion_policy     = local.deletion_policy

  dynamic "time_partitioning" {
    for_each = each.value.partition_by == null ? [] : [each.value.partition_by]

    content {
      type          = "DAY"
      field         = time_partitioning.value
      expiration_ms = each.value.expires_days == null ? null : each.value.expires_days * 86400000
    }
  }

  lifecycle {
    ignore_changes = [schema, clustering, time_partitioning[0].field, time_partitioning[0].type]
  }
}

resource "google_bigquery_table" "views" {
  for_each = { for name, view in local.views : name => view if !var.dataset_exists }

  project     = var.project_id
  dataset_id  = local.dataset_id
  table_id    = each.key
  description = each.value.description

  deletion_protection = false
  deletion_policy     = local.deletion_policy

  view {
    query          = each.value.query
    use_legacy_sql = false
  }

  lifecycle {
    ignore_changes = [view, schema]
  }

  depends_on = [google_bigquery_table.tables]
}

resource "google_bigquery_dataset_iam_member" "this" {
  for_each = var.grants

  project    = var.project_id
  dataset_id = local.dataset_id
  role       = each.value.role
  member     = each.value.member
}
