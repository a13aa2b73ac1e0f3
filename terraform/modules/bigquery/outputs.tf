output "dataset" {
  description = "Name of the dataset."
  value       = local.dataset_id
}

output "tables" {
  description = "Names of the tables."
  value       = [for table in google_bigquery_table.tables : table.table_id]
}

output "views" {
  description = "Names of the views."
  value       = [for view in google_bigquery_table.views : view.table_id]
}

output "grants" {
  description = "Who may do what with the dataset, as `role member`."
  value       = [for grant in google_bigquery_dataset_iam_member.this : "${grant.role} ${grant.member}"]
}
