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
