output "live" {
  description = "Whether the real image runs, and with it push subscription, schedules and checks."
  value       = local.live
}

output "urls" {
  description = "Addresses of the services."
  value       = { for name, service in module.services : name => service.url }
}

output "image_prefix" {
  description = "What the image's name begins with; push to IMAGE_PREFIX/seismo."
  value       = module.registry.image_prefix
}

output "topic" {
  description = "Full id of the topic that metrics are published to."
  value       = module.pubsub.ids["metrics"]
}

output "dataset" {
  description = "Dataset of samples, findings and models."
  value       = module.bigquery.dataset
}

output "service_accounts" {
  description = "E-mail addresses of the accounts."
  value       = module.iam.emails
}

output "workload_identity_provider" {
  description = "For the repository's variable GCP_WORKLOAD_IDENTITY_PROVIDER."
  value       = one(module.workload_identity[*].provider)
}

output "next_step" {
  description = "What is left to do."
  value = (
    local.live
    ? "Seismo runs."
    : "Deploy the image (push to the main branch, or scripts/deploy.sh), then run terraform apply once more."
  )
}

output "dataset_tables" {
  description = "Tables and views in the dataset."
  value       = concat(module.bigquery.tables, module.bigquery.views)
}
