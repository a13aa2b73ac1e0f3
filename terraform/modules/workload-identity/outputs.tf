output "provider" {
  description = "What the workflow gives to google-github-actions/auth as workload_identity_provider."
  value       = google_iam_workload_identity_pool_provider.github.name
}

output "callers" {
  description = "Who may act as which account, as `account member`."
  value       = [for grant in google_service_account_iam_member.callers : "${grant.service_account_id} ${grant.member}"]
}
