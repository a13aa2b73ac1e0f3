# Secrets without their values: those are added with gcloud, so that no key ever lies in Terraform's state.

resource "google_secret_manager_secret" "this" {
  for_each = var.secrets

  project   = var.project_id
  secret_id = each.key
  annotations = {
    description = each.value.description
  }

  replication {
    auto {}
  }
}

locals {
  grants = merge([
    for name, secret in var.secrets : {
      for reader, member in secret.readers : "${name} ${reader}" => { secret = name, member = member }
    }
  ]...)
}

resource "google_secret_manager_secret_iam_member" "readers" {
  for_each = local.grants

  project   = var.project_id
  secret_id = google_secret_manager_secret.this[each.value.secret].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = each.value.member
}
