# Single modules with a switch turned, apart from the runs whose state that would change.

mock_provider "google" {
  source = "./tests/mocks"
}

run "data_is_kept_when_asked" {
  command = plan

  module {
    source = "./modules/bigquery"
  }

  variables {
    project_id        = "test-metrics"
    location          = "us-central1"
    migrations_folder = "../sql/migrations"
    keep_data         = true
  }

  assert {
    condition = (
      google_bigquery_dataset.this[0].deletion_policy == "ABANDON"
      && !google_bigquery_dataset.this[0].delete_contents_on_destroy
      && alltrue([for table in google_bigquery_table.tables : table.deletion_policy == "ABANDON"])
    )
    error_message = "A destroy leaves dataset and tables where they are."
  }
}

run "a_dataset_with_a_real_metrics_table_is_left_alone" {
  command = plan

  module {
    source = "./modules/bigquery"
  }

  variables {
    project_id        = "test-metrics"
    location          = "us-central1"
    migrations_folder = "../sql/migrations"
    dataset_exists    = true
    grants            = { reader = { role = "roles/bigquery.dataViewer", member = "user:me@example.com" } }
  }

  assert {
    condition     = length(google_bigquery_dataset.this) == 0 && length(google_bigquery_table.views) == 0 && length(google_bigquery_table.tables) == 0
    error_message = "Nothing is made in a dataset that was there before."
  }

  assert {
    condition     = google_bigquery_dataset_iam_member.this["reader"].dataset_id == "metrics_dataset"
    error_message = "The services get their rights on it all the same."
  }
}

run "before_the_first_deployment_nothing_is_called_and_no_alert_on_metrics_is_on" {
  command = plan

  module {
    source = "./modules/monitoring"
  }

  variables {
    project_id       = "test-metrics"
    project_number   = "123456789012"
    location         = "us-central1"
    alert_email      = "oncall@example.com"
    live             = false
    checked_services = { metrics-api = "https://metrics-api-123456789012.us-central1.run.app" }
  }

  assert {
    condition     = length(google_monitoring_uptime_check_config.this) == 0 && alltrue([for policy in google_monitoring_alert_policy.metrics : policy.enabled == false])
    error_message = "A placeholder is not watched."
  }
}
