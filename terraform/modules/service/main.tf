# A Cloud Run service. Terraform says how it runs; which image runs and which revision gets the traffic is the business
# of deployments, and never taken back here: see `ignore_changes`.

resource "google_cloud_run_v2_service" "this" {
  project     = var.project_id
  location    = var.location
  name        = var.name
  description = var.description
  ingress     = var.ingress

  # It holds no data; what is in the way of a destroy or of a move to another region protects nothing.
  deletion_protection = false

  template {
    service_account                  = var.account_email
    timeout                          = "60s"
    max_instance_request_concurrency = var.concurrency

    scaling {
      min_instance_count = var.instances.min
      max_instance_count = var.instances.max
    }

    containers {
      image = var.image

      ports {
        container_port = 8080
      }

      resources {
        limits            = { cpu = "1", memory = "512Mi" }
        startup_cpu_boost = true
        cpu_idle          = true
      }

      startup_probe {
        period_seconds    = 1
        timeout_seconds   = 1
        failure_threshold = 60

        http_get {
          path = "/health"
        }
      }

      liveness_probe {
        period_seconds    = 30
        timeout_seconds   = 5
        failure_threshold = 3

        http_get {
          path = "/health"
        }
      }

      dynamic "env" {
        for_each = var.environment

        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = var.secret_environment

        content {
          name = env.key

          value_source {
            secret_key_ref {
              secret  = env.value
              version = "latest"
            }
          }
        }
      }
    }
  }

  lifecycle {
    ignore_changes = [
      client,
      client_version,
      template[0].annotations,
      template[0].containers[0].image,
      template[0].containers[0].name,
      template[0].labels,
      template[0].revision,
      traffic,
    ]
  }
}

resource "google_cloud_run_v2_service_iam_member" "this" {
  for_each = var.grants

  project  = var.project_id
  location = var.location
  name     = google_cloud_run_v2_service.this.name
  role     = each.value.role
  member   = each.value.member
}
