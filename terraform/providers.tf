provider "google" {
  project = var.project_id
  region  = var.region

  default_labels = { application = "seismo" }
}

# Budgets belong to the billing account; a call by a person must name a project that it counts for.
provider "google" {
  alias                 = "billing"
  project               = var.project_id
  billing_project       = var.project_id
  user_project_override = true
}
