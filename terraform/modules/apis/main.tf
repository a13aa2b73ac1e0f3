# Enables the APIs that the rest calls.
#
# They stay enabled after `terraform destroy` unless asked otherwise: something else in the project may use them, and an
# enabled API costs nothing.

resource "google_project_service" "this" {
  for_each = var.services

  project            = var.project_id
  service            = each.key
  disable_on_destroy = var.disable_on_destroy
}
