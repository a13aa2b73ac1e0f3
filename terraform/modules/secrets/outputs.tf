output "first_values" {
  description = "Secrets that were given a first value."
  value       = keys(terraform_data.first_value)
}

output "readers" {
  description = "Who may read which secret, as `secret member`."
  value       = [for grant in google_secret_manager_secret_iam_member.readers : "${grant.secret_id} ${grant.member}"]
}
