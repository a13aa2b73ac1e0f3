locals {
  run    = "monitored_resource=\"cloud_run_revision\", service_name=~\"${join("|", values(var.services))}\""
  logged = "monitored_resource=\"cloud_run_revision\""

  charts = [
    {
      title = "Samples stored, per second"
      lines = { "samples" = "sum(rate(logging_googleapis_com:user_seismo_samples_stored_sum{${local.logged}}[5m]))" }
    },
    {
      title = "Requests per second, by service and class of answer"
      lines = { "requests" = "sum by (service_name, response_code_class) (rate(run_googleapis_com:request_count{${local.run}}[5m]))" }
    },
    {
      title = "Latency of requests, 95th percentile, ms"
      lines = { "p95" = "histogram_quantile(0.95, sum by (le, service_name) (rate(run_googleapis_com:request_latencies_bucket{${local.run}}[5m])))" }
    },
    {
      title = "Backlog: age of the oldest message, s"
      lines = { "oldest" = "max(pubsub_googleapis_com:subscription_oldest_unacked_message_age{monitored_resource=\"pubsub_subscription\", subscription_id=\"${var.subscriptions.push}\"})" }
    },
    {
      title = "Backlog: messages that wait"
      lines = {
        "to be stored" = "max(pubsub_googleapis_com:subscription_num_undelivered_messages{monitored_resource=\"pubsub_subscription\", subscription_id=\"${var.subscriptions.push}\"})"
        "dead letters" = "max(pubsub_googleapis_com:subscription_num_undelivered_messages{monitored_resource=\"pubsub_subscription\", subscription_id=\"${var.subscriptions.dead_letters}\"})"
      }
    },
    {
      title = "Anomalies found, per hour"
      lines = { "anomalies" = "sum(increase(logging_googleapis_com:user_seismo_anomalies{${local.logged}}[1h]))" }
    },
    {
      title = "Age of the model, h"
      lines = { "age" = "sum(increase(logging_googleapis_com:user_seismo_model_age_sum{${local.logged}}[10m])) / sum(increase(logging_googleapis_com:user_seismo_model_age_count{${local.logged}}[10m])) / 3600" }
    },
    {
      title = "Rounds of detection and training that finished, per hour"
      lines = {
        "detection" = "sum(increase(logging_googleapis_com:user_seismo_detect_finished{${local.logged}}[1h]))"
        "training"  = "sum(increase(logging_googleapis_com:user_seismo_train_finished{${local.logged}}[1h]))"
      }
    },
    {
      title = "Instances, by service"
      lines = { "instances" = "sum by (service_name) (run_googleapis_com:container_instance_count{${local.run}})" }
    },
  ]

  columns = 48
  width   = 24
  height  = 14
}

resource "google_monitoring_dashboard" "this" {
  project = var.project_id

  dashboard_json = jsonencode({
    displayName = "Seismo"
    mosaicLayout = {
      columns = local.columns
      tiles = [
        for index, chart in local.charts : {
          xPos   = (index % 2) * local.width
          yPos   = floor(index / 2) * local.height
          width  = local.width
          height = local.height
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [
                for legend, query in chart.lines : merge(
                  {
                    plotType           = "LINE"
                    targetAxis         = "Y1"
                    timeSeriesQuery    = { prometheusQuery = query }
                    minAlignmentPeriod = "60s"
                  },
                  # A single query is labelled by what it is grouped by.
                  length(chart.lines) > 1 ? { legendTemplate = legend } : {},
                )
              ]
            }
          }
        }
      ]
    }
  })
}
