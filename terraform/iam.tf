# Every account and every right in one place. Each right is the least role on the smallest resource that does it, and is
# added to what others have granted (`_iam_member`): nothing here takes a right away from anybody else.

module "iam" {
  source = "./modules/iam"

  project_id = var.project_id

  accounts = {
    metrics-api = {
      display_name = "metrics-api"
      description  = "Publishes metrics"
      used_by      = ["deployer"]
    }
    processmetrics = {
      display_name = "processmetrics"
      description  = "Stores metrics, trains, detects"
      # Running a query is a right in the project; which data it may touch is one on the dataset.
      project_roles = ["roles/bigquery.jobUser"]
      used_by       = ["deployer"]
    }
    get-anomalies = {
      display_name  = "get-anomalies"
      description   = "Reads what was found"
      project_roles = ["roles/bigquery.jobUser"]
      used_by       = ["deployer"]
    }
    migrate = {
      display_name  = "migrate"
      description   = "Brings tables and views up to date"
      project_roles = ["roles/bigquery.jobUser"]
      used_by       = ["deployer"]
    }
    pubsub-push = {
      display_name = "pubsub-push"
      description  = "Whom Pub/Sub's pushes are signed for"
      # Where Google made Pub/Sub's account by itself it may do this in the whole project; made on request it may not.
      tokens_made_by = { pubsub = "serviceAccount:${local.pubsub_agent}" }
    }
    scheduler = {
      display_name = "scheduler"
      description  = "Whom Cloud Scheduler's calls are signed for"
    }
    deployer = {
      display_name = "deployer"
      description  = "Deploys from GitHub"
      # Jobs for the smoke test, which looks in BigQuery whether its sample arrived. Viewer, because gcloud waits for the
      # operation that a deployment starts: operations belong to the region and to no service.
      project_roles    = ["roles/bigquery.jobUser", "roles/run.viewer"]
      makes_own_tokens = true
    }
  }

  depends_on = [module.apis]
}

locals {
  members = module.iam.members

  invoke = {
    for name in ["metrics-api", "processmetrics", "get-anomalies"] : name => merge(
      { for member in var.invokers : "invoker ${member}" => { role = "roles/run.invoker", member = member } },
      { deploy = { role = "roles/run.developer", member = local.members["deployer"] } },
    )
  }

  # The smoke test of a deployment calls what clients call.
  smoke_test = { smoke-test = { role = "roles/run.invoker", member = local.members["deployer"] } }
  everybody  = var.public_api ? { public = { role = "roles/run.invoker", member = "allUsers" } } : {}

  api_key_readers = var.public_api ? {
    metrics-api   = local.members["metrics-api"]
    get-anomalies = local.members["get-anomalies"]
    smoke-test    = local.members["deployer"]
  } : {}

  # Pub/Sub's own account, which moves what was refused too often to the dead-letter topic. In an empty project it has
  # to be made first: scripts/prepare-google-cloud.sh.
  pubsub_agent = "service-${local.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"

  grants = {
    topics = {
      metrics = {
        metrics-api = { role = "roles/pubsub.publisher", member = local.members["metrics-api"] }
      }
      metrics-dead-letter = {
        processmetrics = { role = "roles/pubsub.publisher", member = local.members["processmetrics"] }
        pubsub         = { role = "roles/pubsub.publisher", member = "serviceAccount:${local.pubsub_agent}" }
      }
      metrics-candidate = {
        smoke-test = { role = "roles/pubsub.publisher", member = local.members["deployer"] }
      }
    }

    # Whether there is a subscription decides what the smoke test of a deployment can see.
    push_subscriptions = {
      smoke-test = { role = "roles/pubsub.viewer", member = local.members["deployer"] }
    }

    dataset = {
      processmetrics = { role = "roles/bigquery.dataEditor", member = local.members["processmetrics"] }
      migrate        = { role = "roles/bigquery.dataEditor", member = local.members["migrate"] }
      get-anomalies  = { role = "roles/bigquery.dataViewer", member = local.members["get-anomalies"] }
      smoke-test     = { role = "roles/bigquery.dataViewer", member = local.members["deployer"] }
    }

    registry = {
      deployer = { role = "roles/artifactregistry.writer", member = local.members["deployer"] }
    }

    migrate_job = {
      deployer = { role = "roles/run.developer", member = local.members["deployer"] }
    }

    services = {
      metrics-api   = merge(local.invoke["metrics-api"], local.smoke_test, local.everybody)
      get-anomalies = merge(local.invoke["get-anomalies"], local.smoke_test, local.everybody)

      # Never local.everybody: whoever may call it may write, and starts queries that cost money.
      processmetrics = merge(local.invoke["processmetrics"], {
        push      = { role = "roles/run.invoker", member = local.members["pubsub-push"] }
        scheduler = { role = "roles/run.invoker", member = local.members["scheduler"] }
      })
    }
  }
}
