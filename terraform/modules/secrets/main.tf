# Secrets without their values: those are added with gcloud, the first one too, so that no key ever lies in Terraform's
# state.

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

# Once, when the secret was made or first needs a value.
resource "terraform_data" "first_value" {
  for_each = { for name, secret in var.secrets : name => secret if secret.first_value_command != null }

  triggers_replace = google_secret_manager_secret.this[each.key].id

  provisioner "local-exec" {
    command = each.value.first_value_command
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
