# Pushes each message to a service over HTTP, with an identity token of an account that may call it.
#
# A message is delivered again, with growing pauses, until the service answers 2xx or the attempts are used up; then
# Pub/Sub itself moves it to the dead-letter topic.

resource "google_pubsub_subscription" "this" {
  project = var.project_id
  name    = var.name
  topic   = var.topic

  # As long as a request to the service may take, or messages would be delivered twice.
  ack_deadline_seconds       = 60
  message_retention_duration = "${var.retention_seconds}s"

  expiration_policy {
    ttl = ""
  }

  push_config {
    push_endpoint = var.endpoint

    oidc_token {
      service_account_email = var.account_email
      audience              = var.audience
    }
  }

  retry_policy {
    minimum_backoff = "1s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic = var.dead_letter_topic
    # The most there is: with pauses that grow to ten minutes it bridges an outage of about 15 hours.
    max_delivery_attempts = 100
  }
}

# Of the two grants that dead-lettering needs, the other one is on the dead-letter topic: to publish to it.

resource "google_pubsub_subscription_iam_member" "acknowledge" {
  project      = var.project_id
  subscription = google_pubsub_subscription.this.name
  role         = "roles/pubsub.subscriber"
  member       = "serviceAccount:${var.pubsub_agent_email}"
}

resource "google_pubsub_subscription_iam_member" "this" {
  for_each = var.grants

  project      = var.project_id
  subscription = google_pubsub_subscription.this.name
  role         = each.value.role
  member       = each.value.member
}
