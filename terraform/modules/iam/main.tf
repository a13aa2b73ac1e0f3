# Service accounts: one for each service, none with a key, and what each may do in the whole project.
#
# Rights on a single resource (a topic, a dataset, a service) are granted by that resource's module.

resource "google_service_account" "this" {
  for_each = var.accounts

  project      = var.project_id
  account_id   = each.key
  display_name = each.value.display_name
  description  = each.value.description
}

locals {
  emails = {
    for id, account in google_service_account.this : id => "${account.account_id}@${var.project_id}.iam.gserviceaccount.com"
  }

  project_grants = merge([
    for name, account in var.accounts : {
      for role in account.project_roles : "${name} ${role}" => { account = name, role = role }
    }
  ]...)

  token_grants = merge([
    for name, account in var.accounts : {
      for maker, member in account.tokens_made_by : "${name} ${maker}" => { account = name, member = member }
    }
  ]...)

  actor_grants = merge([
    for name, account in var.accounts : {
      for actor in account.used_by : "${name} ${actor}" => { account = name, actor = actor }
    }
  ]...)
}

resource "google_project_iam_member" "this" {
  for_each = local.project_grants

  project = var.project_id
  role    = each.value.role
  member  = "serviceAccount:${local.emails[each.value.account]}"
}

# Whoever deploys a service must be allowed to let it run as its account.
resource "google_service_account_iam_member" "used_by" {
  for_each = local.actor_grants

  service_account_id = "projects/${var.project_id}/serviceAccounts/${local.emails[each.value.account]}"
  role               = "roles/iam.serviceAccountUser"
  member             = "serviceAccount:${local.emails[each.value.actor]}"
}

# An account that makes identity tokens for itself, to call a service as it would be called by others. Identity tokens
# alone would be a smaller role, but gcloud asks for an access token on the way; for itself it has those anyway.
resource "google_service_account_iam_member" "own_tokens" {
  for_each = toset([for name, account in var.accounts : name if account.makes_own_tokens])

  service_account_id = "projects/${var.project_id}/serviceAccounts/${local.emails[each.key]}"
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = "serviceAccount:${local.emails[each.key]}"
}

# Whoever calls something in the name of an account makes its identity tokens.
resource "google_service_account_iam_member" "tokens_made_by" {
  for_each = local.token_grants

  service_account_id = "projects/${var.project_id}/serviceAccounts/${local.emails[each.value.account]}"
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = each.value.member
}
