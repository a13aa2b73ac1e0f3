output "image_prefix" {
  description = "What the name of an image in this repository begins with."
  value       = "${var.location}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.this.repository_id}"
}
