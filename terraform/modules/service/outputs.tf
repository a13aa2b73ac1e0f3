output "url" {
  description = "Its address, which is also the audience of identity tokens for it."
  value       = "https://${google_cloud_run_v2_service.this.name}-${var.project_number}.${var.location}.run.app"
}

output "running_image" {
  description = "The image that really runs, whoever deployed it."
  value       = google_cloud_run_v2_service.this.template[0].containers[0].image
}

output "grants" {
  description = "Who may do what with it, as `role member`."
  value       = [for grant in google_cloud_run_v2_service_iam_member.this : "${grant.role} ${grant.member}"]
}

output "account_email" {
  description = "Account that it runs as."
  value       = google_cloud_run_v2_service.this.template[0].service_account
}

output "ingress" {
  description = "From where it can be reached at all."
  value       = google_cloud_run_v2_service.this.ingress
}
