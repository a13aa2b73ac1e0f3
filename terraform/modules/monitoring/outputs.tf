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

output "queries" {
  description = "Every query of the dashboard."
  value       = flatten([for chart in local.charts : values(chart.lines)])
}
