# Ingestion, requests, backlog, anomalies, models: two charts a row, out of dashboard.yaml.

locals {
  charts = yamldecode(file("${path.module}/dashboard.yaml")).groups

  chart = { columns = 48, width = 24, height = 14 }
}

resource "google_monitoring_dashboard" "this" {
  project = var.project_id

  dashboard_json = jsonencode({
    displayName = "Seismo"
    mosaicLayout = {
      columns = local.chart.columns
      tiles = [
        for index, chart in local.charts : {
          xPos   = (index % 2) * local.chart.width
          yPos   = floor(index / 2) * local.chart.height
          width  = local.chart.width
          height = local.chart.height
          widget = {
            title = chart.name
            xyChart = {
              dataSets = [
                for line in chart.rules : merge(
                  {
                    plotType           = "LINE"
                    targetAxis         = "Y1"
                    timeSeriesQuery    = { prometheusQuery = trimspace(line.expr) }
                    minAlignmentPeriod = "60s"
                  },
                  # A line alone is labelled by what it is grouped by.
                  length(chart.rules) > 1 ? { legendTemplate = replace(line.record, "_", " ") } : {},
                )
              ]
            }
          }
        }
      ]
    }
  })

  depends_on = [google_logging_metric.this]
}
