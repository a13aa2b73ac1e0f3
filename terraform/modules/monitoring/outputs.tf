output "notification_channels" {
  description = "Full names of the channels that are told."
  value       = local.channels
}

output "alerts" {
  description = "Display names of all alert policies."
  value = concat(
    [for policy in google_monitoring_alert_policy.metrics : policy.display_name],
    [for policy in google_monitoring_alert_policy.logs : policy.display_name],
    [for policy in google_monitoring_alert_policy.down : policy.display_name],
  )
}

output "filters" {
  description = "Every filter of log entries, by the metric or alert that it is for."
  value = merge(
    { for name, metric in google_logging_metric.this : name => metric.filter },
    { for name, policy in google_monitoring_alert_policy.logs : name => policy.conditions[0].condition_matched_log[0].filter },
  )
}
