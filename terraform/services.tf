# The three services of one image: what each is called, how it is reached, what it is told.

locals {
  services = {
    metrics-api = {
      description        = "Takes metrics in and publishes them"
      ingress            = "INGRESS_TRAFFIC_ALL"
      concurrency        = 80
      instances          = { min = 0, max = 20 }
      environment        = merge(local.environment, local.client_environment)
      secret_environment = local.client_secrets
    }

    processmetrics = {
      description = "Stores what Pub/Sub pushes; trains and detects when Cloud Scheduler calls"
      # Pub/Sub and Cloud Scheduler of this project count as internal. Who else may call must be let in from outside.
      ingress     = length(var.invokers) == 0 ? "INGRESS_TRAFFIC_INTERNAL_ONLY" : "INGRESS_TRAFFIC_ALL"
      concurrency = 40
      instances   = { min = 0, max = 20 }
      environment = merge(local.environment, {
        SEISMO_AUTH              = "iam"
        SEISMO_PUSH_AUTH         = "iam"
        SEISMO_PUSH_AUDIENCE     = "https://processmetrics-${local.project_number}.${var.region}.run.app"
        SEISMO_PUSH_ACCOUNT      = module.iam.emails["pubsub-push"]
        SEISMO_SCHEDULER_ACCOUNT = module.iam.emails["scheduler"]
      })
      secret_environment = {}
    }

    get-anomalies = {
      description        = "Answers what was found"
      ingress            = "INGRESS_TRAFFIC_ALL"
      concurrency        = 80
      instances          = { min = 0, max = 5 }
      environment        = merge(local.environment, local.client_environment)
      secret_environment = local.client_secrets
    }
  }

  environment = {
    SEISMO_PROJECT          = var.project_id
    SEISMO_REGION           = local.dataset_location
    SEISMO_DATASET          = "metrics_dataset"
    SEISMO_MAX_BYTES_BILLED = var.max_bytes_billed
    SEISMO_RETENTION        = "${var.retention_days}d"
  }

  dataset_location = var.dataset_location == "" ? var.region : var.dataset_location

  client_environment = { SEISMO_AUTH = var.public_api ? "keys" : "iam" }
  client_secrets     = var.public_api ? { SEISMO_API_KEYS = "seismo-api-keys" } : {}
}
