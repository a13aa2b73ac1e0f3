# With the real image: who calls whom, with which token, and who may.

mock_provider "google" {
  source = "./tests/mocks"
}

mock_provider "google" {
  alias  = "billing"
  source = "./tests/mocks"
}

variables {
  project_id  = "test-metrics"
  alert_email = "oncall@example.com"
  image       = "us-central1-docker.pkg.dev/test-metrics/seismo/seismo:1.0.0"
}

run "wiring" {
  assert {
    condition     = output.live && output.next_step == "Seismo runs."
    error_message = "The real image runs."
  }

  assert {
    condition = module.push["metrics-push"].delivery == {
      topic             = module.pubsub.ids["metrics"]
      endpoint          = "https://processmetrics-123456789012.us-central1.run.app/pubsub/push"
      account_email     = "pubsub-push@test-metrics.iam.gserviceaccount.com"
      audience          = "https://processmetrics-123456789012.us-central1.run.app"
      dead_letter_topic = module.pubsub.ids["metrics-dead-letter"]
    }
    error_message = "topic metrics → subscription metrics-push → processmetrics, as pubsub-push; what fails → dead letters."
  }

  assert {
    condition = module.push["metrics-candidate"].delivery == {
      topic             = module.pubsub.ids["metrics-candidate"]
      endpoint          = "https://candidate---processmetrics-123456789012.us-central1.run.app/pubsub/push"
      account_email     = "pubsub-push@test-metrics.iam.gserviceaccount.com"
      audience          = "https://processmetrics-123456789012.us-central1.run.app"
      dead_letter_topic = module.pubsub.ids["metrics-dead-letter"]
    }
    error_message = "The candidate's topic reaches the revision with that tag; the audience stays the service's."
  }

  assert {
    condition = module.scheduler[0].calls == {
      train-models = {
        uri           = "https://processmetrics-123456789012.us-central1.run.app/jobs/train"
        account_email = "scheduler@test-metrics.iam.gserviceaccount.com"
        audience      = "https://processmetrics-123456789012.us-central1.run.app"
      }
      detect-anomalies = {
        uri           = "https://processmetrics-123456789012.us-central1.run.app/jobs/detect"
        account_email = "scheduler@test-metrics.iam.gserviceaccount.com"
        audience      = "https://processmetrics-123456789012.us-central1.run.app"
      }
    }
    error_message = "Cloud Scheduler calls the two jobs of processmetrics as scheduler."
  }

  assert {
    condition     = alltrue([for name, service in module.services : service.account_email == "${name}@test-metrics.iam.gserviceaccount.com"])
    error_message = "Every service runs as the account of its own name."
  }

  assert {
    condition = (
      local.services["processmetrics"].environment["SEISMO_PUSH_AUDIENCE"] == module.services["processmetrics"].url
      && local.services["processmetrics"].environment["SEISMO_PUSH_AUTH"] == "iam"
      && local.services["processmetrics"].environment["SEISMO_PUSH_ACCOUNT"] == module.push["metrics-push"].delivery.account_email
      && local.services["processmetrics"].environment["SEISMO_SCHEDULER_ACCOUNT"] == module.scheduler[0].calls["train-models"].account_email
    )
    error_message = "What the service expects in a token is what the callers put there."
  }

  assert {
    condition = toset(output.dataset_tables) == toset([
      "anomalies", "migrations", "model_jobs", "model_series", "samples", "samples_per_minute", "unjudged", "metrics_table",
    ])
    error_message = "Every table and view of the migrations is made."
  }
}

run "rights" {
  command = plan

  assert {
    condition = toset(module.services["processmetrics"].grants) == toset([
      "roles/run.developer serviceAccount:deployer@test-metrics.iam.gserviceaccount.com",
      "roles/run.invoker serviceAccount:pubsub-push@test-metrics.iam.gserviceaccount.com",
      "roles/run.invoker serviceAccount:scheduler@test-metrics.iam.gserviceaccount.com",
    ])
    error_message = "Only Pub/Sub and Cloud Scheduler call processmetrics."
  }

  assert {
    condition = module.iam.token_makers == [
      "projects/test-metrics/serviceAccounts/pubsub-push@test-metrics.iam.gserviceaccount.com serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com",
    ]
    error_message = "Pub/Sub's own account makes the tokens of its pushes; made on request it has no right to by itself."
  }

  assert {
    condition = alltrue([
      for name in ["metrics-api", "get-anomalies"] : toset(module.services[name].grants) == toset([
        "roles/run.developer serviceAccount:deployer@test-metrics.iam.gserviceaccount.com",
        "roles/run.invoker serviceAccount:deployer@test-metrics.iam.gserviceaccount.com",
      ])
    ])
    error_message = "Without public_api and invokers, only the smoke test calls the other two."
  }

  assert {
    condition = toset(module.bigquery.grants) == toset([
      "roles/bigquery.dataEditor serviceAccount:migrate@test-metrics.iam.gserviceaccount.com",
      "roles/bigquery.dataEditor serviceAccount:processmetrics@test-metrics.iam.gserviceaccount.com",
      "roles/bigquery.dataViewer serviceAccount:deployer@test-metrics.iam.gserviceaccount.com",
      "roles/bigquery.dataViewer serviceAccount:get-anomalies@test-metrics.iam.gserviceaccount.com",
    ])
    error_message = "Two accounts write the dataset, two read it; metrics-api does neither."
  }

  assert {
    condition = {
      for topic, grants in module.pubsub.grants : topic => toset(grants)
      } == {
      metrics = toset([
        "roles/pubsub.publisher serviceAccount:metrics-api@test-metrics.iam.gserviceaccount.com",
      ])
      metrics-candidate = toset([
        "roles/pubsub.publisher serviceAccount:deployer@test-metrics.iam.gserviceaccount.com",
      ])
      metrics-dead-letter = toset([
        "roles/pubsub.publisher serviceAccount:processmetrics@test-metrics.iam.gserviceaccount.com",
        "roles/pubsub.publisher serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com",
      ])
    }
    error_message = "metrics-api publishes metrics; processmetrics and Pub/Sub itself publish dead letters."
  }

  assert {
    condition = toset(module.iam.grants) == toset(concat(
      [
        for name in ["processmetrics", "get-anomalies", "migrate", "deployer"] :
        "roles/bigquery.jobUser serviceAccount:${name}@test-metrics.iam.gserviceaccount.com"
      ],
      ["roles/run.viewer serviceAccount:deployer@test-metrics.iam.gserviceaccount.com"],
    ))
    error_message = "In the whole project nobody may do more than run queries, and the deployer see what runs."
  }

  assert {
    condition = (
      module.services["processmetrics"].ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY"
      && length(module.secrets.readers) == 0
      && length(module.secrets.first_values) == 0
    )
    error_message = "processmetrics is reached from inside the project only, and nobody reads keys that nobody needs."
  }
}

run "public_api_asks_for_keys_and_leaves_processmetrics_closed" {
  command = plan

  variables {
    public_api = true
    invokers   = ["user:me@example.com"]
  }

  assert {
    condition     = alltrue([for name in ["metrics-api", "get-anomalies"] : contains(module.services[name].grants, "roles/run.invoker allUsers")])
    error_message = "The two that clients call are open to everybody."
  }

  assert {
    condition     = alltrue([for grant in module.services["processmetrics"].grants : !can(regex("allUsers|allAuthenticatedUsers", grant))])
    error_message = "processmetrics is never open to everybody."
  }

  assert {
    condition     = contains(module.services["processmetrics"].grants, "roles/run.invoker user:me@example.com") && module.services["processmetrics"].ingress == "INGRESS_TRAFFIC_ALL"
    error_message = "Whom invokers names may call processmetrics from outside."
  }

  assert {
    condition = alltrue([
      for name in ["metrics-api", "get-anomalies"] :
      local.services[name].environment["SEISMO_AUTH"] == "keys" && local.services[name].secret_environment["SEISMO_API_KEYS"] == "seismo-api-keys"
    ])
    error_message = "What everybody can reach asks for a key."
  }

  assert {
    condition = toset(module.secrets.readers) == toset([
      for name in ["metrics-api", "get-anomalies", "deployer"] : "seismo-api-keys serviceAccount:${name}@test-metrics.iam.gserviceaccount.com"
    ])
    error_message = "The two services read the keys, and the smoke test one of them."
  }

  assert {
    condition     = module.secrets.first_values == ["seismo-api-keys"]
    error_message = "A service cannot be made from a secret without a value, so the secret gets one before."
  }
}

run "github_deploys_without_a_key" {
  command = plan

  variables {
    repository_id      = "123456789"
    deploy_branches    = ["main"]
    terraform_accounts = { plan = "planner@test-metrics.iam.gserviceaccount.com", apply = "applier@test-metrics.iam.gserviceaccount.com" }
  }

  assert {
    condition     = length(module.workload_identity) == 1 && length(module.workload_identity[0].callers) == 3
    error_message = "One pool; the deployer and the two accounts of Terraform may be acted as."
  }
}

run "budget_and_other_region" {
  command = plan

  variables {
    billing_account = "012345-6789AB-CDEF01"
    region          = "europe-west1"
  }

  assert {
    condition     = length(module.budget) == 1 && output.urls["metrics-api"] == "https://metrics-api-123456789012.europe-west1.run.app"
    error_message = "A billing account brings a budget, and the region is where everything is."
  }
}

run "a_dataset_in_another_place" {
  command = plan

  variables {
    dataset_location = "US"
  }

  assert {
    condition = (
      alltrue([for service in local.services : service.environment["SEISMO_REGION"] == "US"])
      && output.urls["metrics-api"] == "https://metrics-api-123456789012.us-central1.run.app"
    )
    error_message = "The services are told where the dataset lies, and stay where they are."
  }
}

run "refuses_a_project_by_its_name" {
  command         = plan
  expect_failures = [var.project_id]

  variables {
    project_id = "My Metrics"
  }
}

run "refuses_to_open_to_everybody_through_invokers" {
  command         = plan
  expect_failures = [var.invokers]

  variables {
    invokers = ["allUsers"]
  }
}

run "refuses_a_zone_as_region" {
  command         = plan
  expect_failures = [var.region]

  variables {
    region = "us-central1-a"
  }
}

run "refuses_instances_of_a_service_that_is_not_there" {
  command         = plan
  expect_failures = [var.instances]

  variables {
    instances = { process-metrics = { min = 1, max = 1 } }
  }
}
