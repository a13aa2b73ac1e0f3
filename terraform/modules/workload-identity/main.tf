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
  workload_identity_pool_provider_id = var.provider_name
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
  pool = google_iam_workload_identity_pool.this.name

  # The pool admits this repository only, so naming the branch is enough.
  branch_grants = merge([
    for name, account in var.accounts : {
      for ref in account.refs : "${name} ${ref}" => { account = account.name, ref = ref }
    }
  ]...)
}

resource "google_service_account_iam_member" "branches" {
  for_each = local.branch_grants

  service_account_id = each.value.account
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${local.pool}/attribute.ref/${each.value.ref}"
}
