output "services" {
  description = "The APIs that are enabled."
  value       = [for service in google_project_service.this : service.service]
}
