# A Cloud Run job that brings the tables up to date. A deployment gives it the new image and runs it before the services.

resource "google_cloud_run_v2_job" "this" {
  project  = var.project_id
  location = var.location
  name     = var.name

  deletion_protection = false

  template {
    task_count  = 1
    parallelism = 1

    template {
      service_account = var.account_email
      max_retries     = 1

      # Adopting a large table takes a while.
      timeout = "3600s"

      containers {
        image = var.image

        resources {
          limits = { cpu = "1", memory = "512Mi" }
        }

        dynamic "env" {
          for_each = var.environment

          content {
            name  = env.key
            value = env.value
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
      template[0].labels,
      template[0].template[0].containers[0].image,
      template[0].template[0].containers[0].name,
    ]
  }
}

resource "google_cloud_run_v2_job_iam_member" "this" {
  for_each = var.grants

  project  = var.project_id
  location = var.location
  name     = google_cloud_run_v2_job.this.name
  role     = each.value.role
  member   = each.value.member
}
