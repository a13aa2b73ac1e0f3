# Lets workflows of one GitHub repository act as a service account without any key: GitHub signs who they are.
#
# The repository is known by its number. A name can be given up and taken by somebody else; a number cannot.

resource "google_iam_workload_identity_pool" "this" {
  project                   = var.project_id
  workload_identity_pool_id = var.pool
  display_name              = "GitHub"
  description               = "Workflows of the repository that deploys Seismo"
}

resource "google_iam_workload_identity_pool_provider" "github" {
  project                            = var.project_id
  workload_identity_pool_id          = google_iam_workload_identity_pool.this.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  display_name                       = "GitHub Actions"
  attribute_condition                = "assertion.repository_id == '${var.repository_id}'"

  attribute_mapping = {
    "google.subject"          = "assertion.sub"
    "attribute.repository_id" = "assertion.repository_id"
    "attribute.ref"           = "assertion.ref"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

locals {
  pool = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.this.name}"

  # The pool admits this repository only, so naming the branch is enough; without branches it is all of the repository.
  callers = merge([
    for id, account in var.accounts : length(account.refs) == 0 ? {
      (id) = { account = account.name, member = "${local.pool}/attribute.repository_id/${var.repository_id}" }
      } : {
      for ref in account.refs : "${id} ${ref}" => { account = account.name, member = "${local.pool}/attribute.ref/${ref}" }
    }
  ]...)
}

resource "google_service_account_iam_member" "callers" {
  for_each = local.callers

  service_account_id = each.value.account
  role               = "roles/iam.workloadIdentityUser"
  member             = each.value.member
}
