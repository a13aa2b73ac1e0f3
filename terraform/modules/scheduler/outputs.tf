output "names" {
  description = "Names of the jobs."
  value       = [for job in google_cloud_scheduler_job.this : job.name]
}
