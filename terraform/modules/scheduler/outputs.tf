output "names" {
  description = "Names of the jobs."
  value       = [for job in google_cloud_scheduler_job.this : job.name]
}

output "calls" {
  description = "What each job calls, with whose token, made out for whom."
  value = {
    for name, job in google_cloud_scheduler_job.this : name => {
      uri           = job.http_target[0].uri
      account_email = job.http_target[0].oidc_token[0].service_account_email
      audience      = job.http_target[0].oidc_token[0].audience
    }
  }
}
