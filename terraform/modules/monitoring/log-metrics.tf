# Metrics that Cloud Monitoring counts out of the services' log entries.

locals {
  log_metrics = {
    seismo_samples_stored = {
      description = "Samples that BigQuery confirmed"
      filter      = "jsonPayload.event=\"samples_stored\""
      value       = "samples"
      unit        = "1"
    }
    seismo_anomalies = {
      description = "Anomalies that were found"
      filter      = "jsonPayload.event=\"anomaly\""
      value       = null
      unit        = "1"
    }
    seismo_dead_letters = {
      description = "Messages, or parts of them, that can never be stored"
      filter      = "jsonPayload.event=\"dead_letter\""
      value       = null
      unit        = "1"
    }
    seismo_train_finished = {
      description = "Trainings that finished"
      filter      = "jsonPayload.event=\"train_finished\""
      value       = null
      unit        = "1"
    }
    seismo_detect_finished = {
      description = "Rounds of detection that finished"
      filter      = "jsonPayload.event=\"detect_finished\""
      value       = null
      unit        = "1"
    }
    seismo_model_age = {
      description = "Age of the model that judges"
      filter      = "jsonPayload.event=\"detect_finished\" AND jsonPayload.modelAgeSeconds>=0"
      value       = "modelAgeSeconds"
      unit        = "s"
    }
  }
}

locals {
  # The reasons of dead letters are a closed list: few time series.
  metric_labels = { for name in keys(local.log_metrics) : name => name == "seismo_dead_letters" ? ["reason"] : [] }
}

resource "google_logging_metric" "this" {
  for_each = local.log_metrics

  project         = var.project_id
  name            = each.key
  description     = each.value.description
  filter          = "${local.service_log} AND ${each.value.filter}"
  value_extractor = each.value.value == null ? null : "EXTRACT(jsonPayload.${each.value.value})"

  label_extractors = { for label in local.metric_labels[each.key] : label => "EXTRACT(jsonPayload.${label})" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = each.value.value == null ? "INT64" : "DISTRIBUTION"
    unit        = each.value.unit

    dynamic "labels" {
      for_each = local.metric_labels[each.key]

      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }

  dynamic "bucket_options" {
    for_each = each.value.value == null ? [] : [1]

    content {
      exponential_buckets {
        num_finite_buckets = 32
        growth_factor      = 2
        scale              = 1
      }
    }
  }
}
