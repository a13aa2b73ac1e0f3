# What single modules promise.

mock_provider "google" {
  source = "./tests/mocks"
}

run "a_deployed_image_is_not_reverted_first_the_service_is_made" {
  module {
    source = "./modules/service"
  }

  variables {
    project_id     = "test-metrics"
    project_number = "123456789012"
    location       = "us-central1"
    name           = "metrics-api"
    description    = "Takes metrics in"
    image          = "example/seismo:1"
    account_email  = "metrics-api@test-metrics.iam.gserviceaccount.com"
  }

  assert {
    condition     = output.running_image == "example/seismo:1"
    error_message = "A new service runs the image it is made with."
  }

  assert {
    condition = (
      google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].http_get[0].path == "/health"
      && google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].http_get[0].path == "/health"
      && google_cloud_run_v2_service.this.template[0].containers[0].resources[0].startup_cpu_boost
    )
    error_message = "Probes ask for /health, and starting gets more processor."
  }
}

run "a_deployed_image_is_not_reverted" {
  module {
    source = "./modules/service"
  }

  variables {
    project_id     = "test-metrics"
    project_number = "123456789012"
    location       = "us-central1"
    name           = "metrics-api"
    description    = "Takes metrics in, and more"
    image          = "example/seismo:2"
    account_email  = "metrics-api@test-metrics.iam.gserviceaccount.com"
  }

  assert {
    condition     = output.running_image == "example/seismo:1" && google_cloud_run_v2_service.this.description == "Takes metrics in, and more"
    error_message = "Terraform changes how a service runs, not which image."
  }
}

run "tables_are_read_out_of_the_migrations" {
  module {
    source = "./modules/bigquery"
  }

  variables {
    project_id        = "test-metrics"
    location          = "us-central1"
    migrations_folder = "../sql/migrations"
    retention_days    = 30
  }

  assert {
    condition = [
      for column in jsondecode(google_bigquery_table.tables["samples"].schema) : "${column.name} ${column.type} ${column.mode}"
      ] == [
      "time TIMESTAMP REQUIRED", "series STRING REQUIRED", "name STRING REQUIRED", "labels JSON NULLABLE",
      "value FLOAT REQUIRED", "ingest_time TIMESTAMP REQUIRED", "message_id STRING NULLABLE",
    ]
    error_message = "The columns of samples, in order, with their types in the API's words."
  }

  assert {
    condition = (
      google_bigquery_table.tables["samples"].time_partitioning[0].field == "time"
      && google_bigquery_table.tables["samples"].time_partitioning[0].expiration_ms == 30 * 86400000
      && google_bigquery_table.tables["samples"].clustering == tolist(["series"])
      && google_bigquery_table.tables["model_jobs"].time_partitioning[0].expiration_ms == 90 * 86400000
    )
    error_message = "Partitions, clusters, and the retention that was asked for, except where a table has its own."
  }

  assert {
    condition     = alltrue([for table in google_bigquery_table.tables : length(jsondecode(table.schema)) >= 3 && table.description != null])
    error_message = "Every table has its columns and a description."
  }

  assert {
    condition     = can(regex("FROM `test-metrics\\.metrics_dataset\\.samples`", google_bigquery_table.views["metrics_table"].view[0].query)) && !can(regex("`metrics_dataset\\.", google_bigquery_table.views["metrics_table"].view[0].query))
    error_message = "A view names the project of what it reads."
  }

  assert {
    condition     = google_bigquery_dataset.this[0].delete_contents_on_destroy && google_bigquery_table.tables["samples"].deletion_policy == "DELETE"
    error_message = "A destroy leaves nothing."
  }
}

run "alerts_and_their_e_mails" {
  module {
    source = "./modules/monitoring"
  }

  variables {
    project_id     = "test-metrics"
    project_number = "123456789012"
    location       = "europe-west1"
    alert_email    = "oncall@example.com"
    live           = true
    checked_services = {
      metrics-api   = "https://metrics-api-123456789012.europe-west1.run.app"
      get-anomalies = "https://get-anomalies-123456789012.europe-west1.run.app"
    }
  }

  assert {
    condition = toset(output.alerts) == toset([
      for name in [
        "IngestionStopped", "IngestionDropped", "RequestsSlow", "RequestsFailing", "BacklogOld", "DeadLetters",
        "DetectionNotRun", "TrainingNotRun", "AnomalyFound", "RoundFailed", "ServiceDown metrics-api", "ServiceDown get-anomalies",
      ] : "Seismo ${name}"
    ])
    error_message = "Each alert that docs/terraform.md lists, and no other."
  }

  assert {
    condition = alltrue([
      for policy in concat(values(google_monitoring_alert_policy.metrics), values(google_monitoring_alert_policy.logs), values(google_monitoring_alert_policy.down)) :
      can(regex("(?s)^# .*\nWhen: .*\n## What to do\n", policy.documentation[0].content))
      && length(policy.documentation[0].content) < 8192
      && !can(regex("(--region|--location) REGION", policy.documentation[0].content))
      && length(policy.notification_channels) == 1
      && policy.enabled != false
    ])
    error_message = "Every alert is mailed, and its mail says when it is sent and what to do, with the region in the commands."
  }

  assert {
    condition = alltrue([
      for policy in google_monitoring_alert_policy.metrics :
      can(regex("^[0-9]+s$", policy.conditions[0].condition_prometheus_query_language[0].duration))
      && can(regex("(monitored_resource=\"(cloud_run_revision|pubsub_subscription)\")", policy.conditions[0].condition_prometheus_query_language[0].query))
      && policy.conditions[0].condition_prometheus_query_language[0].disable_metric_validation
    ])
    error_message = "Durations are seconds, queries name the kind of resource, and a metric need not be known yet."
  }

  assert {
    condition     = google_monitoring_alert_policy.metrics["TrainingNotRun"].conditions[0].condition_prometheus_query_language[0].duration == "7200s"
    error_message = "Two hours are 7200 seconds."
  }

  assert {
    condition = alltrue([
      for filter in values(output.filters) :
      can(regex("^resource\\.type=\"cloud_run_revision\" AND resource\\.labels\\.service_name=\"processmetrics\" AND jsonPayload\\.event=(\"[a-z_]+\"|\\(\"[a-z_]+\"( OR \"[a-z_]+\")*\\))( AND (severity>=ERROR|jsonPayload\\.[a-zA-Z]+(>=0|=true)))?$", filter))
    ])
    error_message = "A filter names the resource, the service and the event."
  }

  assert {
    condition = google_monitoring_alert_policy.logs["AnomalyFound"].conditions[0].condition_matched_log[0].label_extractors == tomap({
      for label in ["series", "value", "expected", "probability", "minute"] : label => "EXTRACT(jsonPayload.${label})"
    })
    error_message = "The e-mail names series and values."
  }

  assert {
    condition = alltrue([
      for label in ["series", "value", "expected", "probability", "minute"] :
      strcontains(google_monitoring_alert_policy.logs["AnomalyFound"].documentation[0].content, "$${log.extracted_label.${label}}")
    ])
    error_message = "Every label that is extracted is in the e-mail."
  }

  assert {
    condition = strcontains(
      google_monitoring_alert_policy.logs["AnomalyFound"].documentation[0].content,
      "`curl -H \"Authorization: Bearer $(gcloud auth print-identity-token)\" 'https://get-anomalies-123456789012.europe-west1.run.app/get_anomalies?limit=20'`",
    )
    error_message = "The command of the e-mail names the service as it is."
  }

  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles) == 10
    error_message = "The dashboard shows every chart of dashboard.yaml."
  }
}

run "only_the_named_branches_may_deploy" {
  command = plan

  module {
    source = "./modules/workload-identity"
  }

  variables {
    project_id    = "test-metrics"
    repository_id = "123456789"
    accounts = {
      deployer = { name = "projects/test-metrics/serviceAccounts/deployer@test-metrics.iam.gserviceaccount.com", refs = ["refs/heads/main"] }
    }
  }

  assert {
    condition     = google_iam_workload_identity_pool_provider.github.attribute_condition == "assertion.repository_id == '123456789'"
    error_message = "The pool admits one repository, by its number."
  }

  assert {
    condition     = keys(google_service_account_iam_member.callers) == ["deployer refs/heads/main"]
    error_message = "One account, one branch."
  }
}

run "refuses_a_repository_by_its_name" {
  command         = plan
  expect_failures = [var.repository_id]

  module {
    source = "./modules/workload-identity"
  }

  variables {
    project_id    = "test-metrics"
    repository_id = "somebody/seismo"
    accounts      = {}
  }
}

run "durations_of_a_subscription_are_seconds" {
  command = plan

  module {
    source = "./modules/push-subscription"
  }

  variables {
    project_id         = "test-metrics"
    topic              = "projects/test-metrics/topics/metrics"
    dead_letter_topic  = "projects/test-metrics/topics/metrics-dead-letter"
    endpoint           = "https://processmetrics.example.com/pubsub/push"
    audience           = "https://processmetrics.example.com"
    account_email      = "pubsub-push@test-metrics.iam.gserviceaccount.com"
    pubsub_agent_email = "service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
  }

  assert {
    condition = (
      google_pubsub_subscription.this.retry_policy[0].minimum_backoff == "1s"
      && google_pubsub_subscription.this.retry_policy[0].maximum_backoff == "600s"
      && google_pubsub_subscription.this.message_retention_duration == "604800s"
      && google_pubsub_subscription.this.expiration_policy[0].ttl == ""
      && google_pubsub_subscription_iam_member.acknowledge.role == "roles/pubsub.subscriber"
    )
    error_message = "Backoff, seven days of retention, no expiry, and the grant to acknowledge what was dead-lettered."
  }
}

run "a_secret_gets_a_first_value" {
  module {
    source = "./modules/secrets"
  }

  variables {
    project_id = "test-metrics"
    secrets    = { keys = { description = "Keys", first_value_command = "echo one >.terraform/first-value" } }
  }

  assert {
    condition     = output.first_values == ["keys"] && file(".terraform/first-value") == "one\n"
    error_message = "The command that adds a value is run with the apply."
  }
}

run "a_secret_gets_no_second_first_value" {
  module {
    source = "./modules/secrets"
  }

  variables {
    project_id = "test-metrics"
    secrets    = { keys = { description = "Keys", first_value_command = "echo two >.terraform/first-value" } }
  }

  assert {
    condition     = output.first_values == ["keys"] && file(".terraform/first-value") == "one\n"
    error_message = "Later applies leave the value alone."
  }
}

run "refuses_a_topic_name_with_a_space" {
  command         = plan
  expect_failures = [var.topics]

  module {
    source = "./modules/pubsub"
  }

  variables {
    project_id = "test-metrics"
    topics     = { "my metrics" = {} }
  }
}

run "refuses_to_keep_messages_for_a_year" {
  command         = plan
  expect_failures = [var.topics]

  module {
    source = "./modules/pubsub"
  }

  variables {
    project_id = "test-metrics"
    topics     = { metrics = { retention_seconds = 31536000 } }
  }
}

run "refuses_a_schedule_that_is_none" {
  command         = plan
  expect_failures = [var.jobs]

  module {
    source = "./modules/scheduler"
  }

  variables {
    project_id    = "test-metrics"
    location      = "us-central1"
    url           = "https://processmetrics.example.com"
    account_email = "scheduler@test-metrics.iam.gserviceaccount.com"
    jobs          = { train = { description = "Trains", schedule = "daily", path = "/jobs/train", retries = 1 } }
  }
}
