# Who is told, and of what. The alerts on metrics stand in alerts.yaml, those on log entries below; what each means and
# what to do stands in runbook/ and is part of the e-mail.

resource "google_monitoring_notification_channel" "email" {
  project      = var.project_id
  display_name = "Seismo"
  type         = "email"
  labels       = { email_address = var.alert_email }
}

locals {
  channels = [google_monitoring_notification_channel.email.name]

  rules = { for rule in yamldecode(file("${path.module}/alerts.yaml")).groups[0].rules : rule.alert => rule }

  log_alerts = {
    AnomalyFound = {
      filter     = "${local.service_log} AND jsonPayload.event=\"anomaly\" AND jsonPayload.alarm=true"
      period     = "300s"
      severity   = "warning"
      extractors = ["series", "value", "expected", "probability", "minute"]
      subject    = "Anomaly in $${log.extracted_label.series}: $${log.extracted_label.value}"
    }
    RoundFailed = {
      filter     = "${local.service_log} AND jsonPayload.event=(\"train_failed\" OR \"detect_failed\") AND severity>=ERROR"
      period     = "3600s"
      severity   = "critical"
      extractors = ["event", "reason"]
      subject    = "$${log.extracted_label.event}"
    }
  }

  service_log = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"processmetrics\""

  runbook = {
    for name in concat(keys(local.rules), keys(local.log_alerts), ["ServiceDown"]) :
    name => replace(file("${path.module}/runbook/${name}.md"), "/(--(?:region|location)) REGION/", "$1 ${var.location}")
  }

  # How get-anomalies is called here, so that the command of the e-mail works as it stands.
  documentation = {
    for name, text in local.runbook : name => replace(
      replace(text, "'URL/", "'${lookup(var.checked_services, "get-anomalies", "URL")}/"),
      "Authorization: Bearer $(gcloud auth print-identity-token)",
      var.public ? "X-API-Key: KEY" : "Authorization: Bearer $(gcloud auth print-identity-token)",
    )
  }
}

resource "google_monitoring_alert_policy" "metrics" {
  for_each = local.rules

  project               = var.project_id
  display_name          = "Seismo ${each.key}"
  combiner              = "OR"
  enabled               = var.live
  severity              = upper(each.value.labels.severity)
  notification_channels = local.channels

  conditions {
    display_name = each.key

    condition_prometheus_query_language {
      query               = trimspace(each.value.expr)
      duration            = local.seconds[each.key]
      evaluation_interval = "60s"
      alert_rule          = each.key
      rule_group          = "Seismo"

      # A metric out of logs takes minutes to be known after it was made; the policy need not wait for it.
      disable_metric_validation = true
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    subject   = "Seismo: ${trimprefix(split("\n", local.documentation[each.key])[0], "# ")}"
    content   = local.documentation[each.key]
    mime_type = "text/markdown"
  }

  depends_on = [google_logging_metric.this]
}

locals {
  # `5m` and `2h` of a rule as the API wants them.
  seconds = {
    for name, rule in local.rules : name => format(
      "%ds",
      tonumber(regex("^([0-9]+)[smh]$", lookup(rule, "for", "0s"))[0]) * { s = 1, m = 60, h = 3600 }[regex("([smh])$", lookup(rule, "for", "0s"))[0]]
    )
  }
}

resource "google_monitoring_alert_policy" "logs" {
  for_each = local.log_alerts

  project               = var.project_id
  display_name          = "Seismo ${each.key}"
  combiner              = "OR"
  severity              = upper(each.value.severity)
  notification_channels = local.channels

  conditions {
    display_name = each.key

    condition_matched_log {
      filter           = each.value.filter
      label_extractors = { for label in each.value.extractors : label => "EXTRACT(jsonPayload.${label})" }
    }
  }

  alert_strategy {
    auto_close = "86400s"

    notification_rate_limit {
      period = each.value.period
    }
  }

  documentation {
    subject   = "Seismo: ${each.value.subject}"
    content   = local.documentation[each.key]
    mime_type = "text/markdown"
  }
}
