output "ids" {
  description = "Full id of each secret."
  value       = { for name, secret in google_secret_manager_secret.this : name => secret.id }
}

output "readers" {
  description = "Who may read which secret, as `secret member`."
  value       = [for grant in google_secret_manager_secret_iam_member.readers : "${grant.secret_id} ${grant.member}"]
}
