# Seismo on Google Cloud: clients → metrics-api → topic metrics → processmetrics → BigQuery → get-anomalies.
#
# The first apply in an empty project runs a placeholder image. Once the first deployment brought the real one, the next
# apply sees it and adds what must not exist before: the push subscription (a placeholder answers 200 and so loses the
# message), the schedules, and the checks.

module "apis" {
  source = "./modules/apis"

  project_id         = var.project_id
  disable_on_destroy = var.disable_apis_on_destroy

  services = toset(concat(
    [
      "artifactregistry.googleapis.com",
      "bigquery.googleapis.com",
      "bigquerystorage.googleapis.com",
      "cloudscheduler.googleapis.com",
      "iam.googleapis.com",
      "iamcredentials.googleapis.com",
      "logging.googleapis.com",
      "monitoring.googleapis.com",
      "pubsub.googleapis.com",
      "run.googleapis.com",
      "secretmanager.googleapis.com",
      "serviceusage.googleapis.com",
    ],
    var.repository_id == "" ? [] : ["sts.googleapis.com"],
    var.billing_account == "" ? [] : ["billingbudgets.googleapis.com"],
  ))
}

# Apart from the others: the project is looked at as soon as this one is enabled, so that enabling another one later
# does not make everything that the project's number is part of look as if it could change.
module "project_api" {
  source = "./modules/apis"

  project_id = var.project_id
  services   = ["cloudresourcemanager.googleapis.com"]
}

data "google_project" "this" {
  project_id = var.project_id

  depends_on = [module.project_api]
}

locals {
  project_number = data.google_project.this.number
  placeholder    = "us-docker.pkg.dev/cloudrun/container/hello"
  image          = var.image == "" ? local.placeholder : var.image

  # What the service names as its image decides, not what was asked for: no message is pushed to a placeholder. A
  # deployment that failed puts the name back (scripts/deploy.sh).
  live = module.services["processmetrics"].running_image != local.placeholder
}

module "registry" {
  source = "./modules/artifact-registry"

  project_id = var.project_id
  location   = var.region
  grants     = local.grants.registry

  depends_on = [module.apis]
}

module "secrets" {
  source = "./modules/secrets"

  project_id = var.project_id

  secrets = {
    seismo-api-keys = {
      description         = "API keys of clients, comma separated; read:KEY may only read"
      readers             = local.api_key_readers
      first_value_command = var.public_api ? "PROJECT_ID=${var.project_id} '${path.root}/../scripts/add-first-api-key.sh'" : null
    }
  }

  depends_on = [module.apis]
}

module "pubsub" {
  source = "./modules/pubsub"

  project_id = var.project_id

  topics = {
    metrics = {
      retention_seconds = 604800
      grants            = local.grants.topics["metrics"]
    }
    # What can never be stored, for people to look at.
    metrics-dead-letter = {
      retention_seconds = 2592000
      pull_subscription = true
      grants            = local.grants.topics["metrics-dead-letter"]
    }
    # Through this one a deployment tries a new processmetrics before it gets traffic.
    metrics-candidate = {
      grants = local.grants.topics["metrics-candidate"]
    }
  }

  depends_on = [module.apis]
}

module "bigquery" {
  source = "./modules/bigquery"

  project_id        = var.project_id
  location          = local.dataset_location
  migrations_folder = "${path.root}/../sql/migrations"
  retention_days    = var.retention_days
  keep_data         = var.keep_data
  dataset_exists    = var.adopt_dataset
  grants            = local.grants.dataset

  depends_on = [module.apis]
}

module "services" {
  source   = "./modules/service"
  for_each = local.services

  project_id         = var.project_id
  project_number     = local.project_number
  location           = var.region
  name               = each.key
  description        = each.value.description
  image              = local.image
  account_email      = module.iam.emails[each.key]
  ingress            = each.value.ingress
  instances          = lookup(var.instances, each.key, each.value.instances)
  concurrency        = each.value.concurrency
  environment        = each.value.environment
  secret_environment = each.value.secret_environment
  grants             = local.grants.services[each.key]

  # A service that starts before it may do its work answers errors for a while.
  depends_on = [module.apis, module.iam, module.pubsub, module.bigquery, module.secrets]
}

module "migrate_job" {
  source = "./modules/migrate-job"

  project_id    = var.project_id
  location      = var.region
  image         = local.image
  account_email = module.iam.emails["migrate"]
  environment   = local.environment
  grants        = local.grants.migrate_job

  depends_on = [module.apis, module.iam, module.bigquery]
}

# What is pushed where; the second is for the revision that a deployment has tagged and not given traffic yet.
locals {
  push_subscriptions = {
    metrics-push = {
      topic             = module.pubsub.ids["metrics"]
      endpoint          = "${module.services["processmetrics"].url}/pubsub/push"
      retention_seconds = 604800
    }
    metrics-candidate = {
      topic             = module.pubsub.ids["metrics-candidate"]
      endpoint          = "${replace(module.services["processmetrics"].url, "https://", "https://candidate---")}/pubsub/push"
      retention_seconds = 600
    }
  }
}

module "push" {
  source   = "./modules/push-subscription"
  for_each = { for name, subscription in local.push_subscriptions : name => subscription if local.live }

  project_id         = var.project_id
  name               = each.key
  topic              = each.value.topic
  dead_letter_topic  = module.pubsub.ids["metrics-dead-letter"]
  endpoint           = each.value.endpoint
  audience           = module.services["processmetrics"].url
  account_email      = module.iam.emails["pubsub-push"]
  pubsub_agent_email = local.pubsub_agent
  retention_seconds  = each.value.retention_seconds
  grants             = local.grants.push_subscriptions
}

module "scheduler" {
  source = "./modules/scheduler"
  count  = local.live ? 1 : 0

  project_id    = var.project_id
  location      = var.region
  url           = module.services["processmetrics"].url
  account_email = module.iam.emails["scheduler"]

  jobs = {
    train-models = {
      description = "Trains the models anew, every day"
      schedule    = "17 3 * * *"
      path        = "/jobs/train"
      retries     = 3
    }
    detect-anomalies = {
      description = "Judges the minutes that have closed, every minute"
      schedule    = "* * * * *"
      path        = "/jobs/detect"
      retries     = 0
    }
  }
}

module "monitoring" {
  source = "./modules/monitoring"

  project_id     = var.project_id
  project_number = local.project_number
  location       = var.region
  alert_email    = var.alert_email
  live           = local.live
  uptime_checks  = var.uptime_checks
  public         = var.public_api

  checked_services = {
    for name in ["metrics-api", "get-anomalies"] : name => module.services[name].url
  }

  depends_on = [module.apis]
}

module "budget" {
  source = "./modules/budget"
  count  = var.billing_account == "" ? 0 : 1

  providers = { google = google.billing }

  project_id            = var.project_id
  project_number        = local.project_number
  billing_account       = var.billing_account
  monthly_amount        = var.monthly_budget
  notification_channels = module.monitoring.notification_channels

  depends_on = [module.apis]
}

module "workload_identity" {
  source = "./modules/workload-identity"
  count  = var.repository_id == "" ? 0 : 1

  project_id    = var.project_id
  repository_id = var.repository_id

  accounts = merge(
    {
      deployer = {
        name = module.iam.names["deployer"]
        refs = [for branch in var.deploy_branches : "refs/heads/${branch}"]
      }
    },
    # A plan is also made for pull requests, whose refs cannot be told beforehand.
    var.terraform_accounts.plan == "" ? {} : {
      plan = { name = "projects/${var.project_id}/serviceAccounts/${var.terraform_accounts.plan}", refs = [] }
    },
    var.terraform_accounts.apply == "" ? {} : {
      apply = {
        name = "projects/${var.project_id}/serviceAccounts/${var.terraform_accounts.apply}"
        refs = [for branch in var.deploy_branches : "refs/heads/${branch}"]
      }
    },
  )

  depends_on = [module.apis]
}
