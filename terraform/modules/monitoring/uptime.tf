# Calls /health of the services from several places. A service that is not public is called with an identity token of
# Cloud Monitoring's own account.

locals {
  checked = var.live && var.uptime_checks ? var.checked_services : {}

  monitoring_agent = "serviceAccount:service-${var.project_number}@gcp-sa-monitoring-notification.iam.gserviceaccount.com"
}

resource "google_monitoring_uptime_check_config" "this" {
  for_each = local.checked

  project      = var.project_id
  display_name = "Seismo ${each.key}"
  period       = "60s"
  timeout      = "10s"

  http_check {
    path         = "/health"
    port         = 443
    use_ssl      = true
    validate_ssl = true

    dynamic "service_agent_authentication" {
      for_each = var.public ? [] : [1]

      content {
        type = "OIDC_TOKEN"
      }
    }
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project_id
      host       = trimprefix(each.value, "https://")
    }
  }
}

resource "google_cloud_run_v2_service_iam_member" "uptime" {
  for_each = var.public ? {} : local.checked

  project  = var.project_id
  location = var.location
  name     = each.key
  role     = "roles/run.invoker"
  member   = local.monitoring_agent

  depends_on = [google_monitoring_uptime_check_config.this]
}

resource "google_monitoring_alert_policy" "down" {
  for_each = local.checked

  project               = var.project_id
  display_name          = "Seismo ServiceDown ${each.key}"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels

  conditions {
    display_name = "ServiceDown"

    condition_threshold {
      filter          = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND metric.labels.check_id=\"${google_monitoring_uptime_check_config.this[each.key].uptime_check_id}\" AND resource.type=\"uptime_url\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "120s"

      aggregations {
        alignment_period     = "120s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    subject   = "Seismo: ${each.key} does not answer"
    content   = replace(local.documentation["ServiceDown"], "SERVICE", each.key)
    mime_type = "text/markdown"
  }
}
