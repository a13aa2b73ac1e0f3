# Put together here instead of read back, so that a plan shows who gets what before the accounts exist.

output "emails" {
  description = "E-mail address of each account."
  value       = local.emails
}

output "members" {
  description = "Each account as a member of a grant: `serviceAccount:…`."
  value       = { for id, email in local.emails : id => "serviceAccount:${email}" }
}

output "names" {
  description = "Full resource name of each account."
  value       = { for id, email in local.emails : id => "projects/${var.project_id}/serviceAccounts/${email}" }
}

output "token_makers" {
  description = "Who else makes the tokens of which account, as `account member`."
  value       = [for grant in google_service_account_iam_member.tokens_made_by : "${grant.service_account_id} ${grant.member}"]
}

output "grants" {
  description = "Who may do what in the whole project, as `role member`."
  value       = [for grant in google_project_iam_member.this : "${grant.role} ${grant.member}"]
}
